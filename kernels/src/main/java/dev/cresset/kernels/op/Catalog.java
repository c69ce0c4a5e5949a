package dev.cresset.kernels.op;

import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.Promotion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All operators. Families declare theirs with {@link #op}; a service can add its own before it loads programs. Operators
 * that PyTorch has and Cresset does not run are known by their signatures, so that programs which mention them compile.
 */
public final class Catalog implements OperatorTable, AutoCloseable {
    private static final String SIGNATURES = "pytorch-signatures.txt";

    private final Map<String, List<Declaration>> declared = new LinkedHashMap<>();
    private final Map<String, List<Operator>> resolved = new ConcurrentHashMap<>();
    private final Map<String, Operator> byKey = new ConcurrentHashMap<>();
    private final List<Runnable> closers = new ArrayList<>();
    private final List<Runnable> preparers = new ArrayList<>();
    private volatile Map<String, List<String>> signatures;
    private boolean familyThroughHost;       // while such a family declares its operators

    /** The catalogue of these families, in this order. */
    public Catalog(Collection<? extends OpFamily> families) { families.forEach(f -> f.declare(this)); }

    /**
     * Starts the declaration of an operator, {@code op("aten::relu(Tensor self) -> Tensor").pointwise(…)}. Overloads of a
     * name are tried in the order of their declaration.
     *
     * @throws IllegalArgumentException if it is declared already
     */
    public Declaration op(String schema) {
        Declaration d = new Declaration(schema);
        List<Declaration> overloads = declared.computeIfAbsent(nameOf(schema), _ -> new ArrayList<>());
        String key = keyOf(schema);
        if (overloads.stream().anyMatch(o -> keyOf(o.schema).equals(key))) {
            throw new IllegalArgumentException("operator " + key + " is declared twice");
        }
        overloads.add(d);
        return d;
    }

    /** Declares the operators of a family as if each said {@link Declaration#throughHost}. */
    void throughHost(OpFamily family) {
        familyThroughHost = true;
        family.declare(this);
        familyThroughHost = false;
    }

    /** Adds something that takes time at its first use and can be done before: loading a native library. */
    public void onPrepare(Runnable preparer) { preparers.add(preparer); }

    /** Does now what would otherwise hold up the first calls. Meant for a thread of its own; may be left out. */
    public void prepare() { preparers.forEach(Runnable::run); }

    /** Adds something to do when the catalogue is closed: giving up what a family holds outside the heap. */
    public void onClose(Runnable closer) { closers.add(closer); }

    /** Frees what the families hold: packed weights, buffers of native libraries. No operator may be running. */
    @Override public void close() { closers.forEach(Runnable::run); }

    /** An operator being declared. Exactly one of the body methods is called. */
    public final class Declaration {
        private final String schema;
        private Body body;
        private boolean nondeterministic;
        private boolean sideEffects;
        private boolean throughHost = familyThroughHost;

        private Declaration(String schema) { this.schema = schema; }

        /** An expression over the elements of the inputs. */
        public Declaration pointwise(Promotion dtypes, PointwiseRule rule) { return body(new Body.Pointwise(dtypes, rule)); }

        /** Other operators, called through {@code a.context().call(…)}. */
        public Declaration composite(Body.Function function) { return body(new Body.Composite(function, false)); }

        /** Host code on numbers, strings, containers, tensor metadata. */
        public Declaration host(Body.Function function) { return body(new Body.Host(function, false)); }

        /** A kernel with one result. */
        public Declaration kernel(java.util.function.Function<Args, Meta> shape, java.util.function.BiConsumer<Args, dev.cresset.tensor.Tensor> cpu) {
            return body(new Body.Kernel(a -> new Meta[] {shape.apply(a)}, (a, out) -> cpu.accept(a, out[0]), null, false));
        }

        /** A kernel with several results. */
        public Declaration kernels(Body.ShapeRule shape, Body.CpuKernel cpu) { return body(new Body.Kernel(shape, cpu, null, false)); }

        /** Adds the kernel for CUDA devices to {@link #kernel}, with one result. */
        public Declaration cuda(java.util.function.BiConsumer<Args, dev.cresset.tensor.Tensor> cuda) { return cudas((a, out) -> cuda.accept(a, out[0])); }

        /** Adds the kernel for CUDA devices to {@link #kernels}. */
        public Declaration cudas(Body.CudaKernel cuda) {
            if (!(body instanceof Body.Kernel k) || k.cuda() != null) throw new IllegalStateException(schema + " takes no kernel for CUDA here");
            body = new Body.Kernel(k.shape(), k.cpu(), cuda, k.mixes());
            return this;
        }

        /** Says that the kernel works on any device as it is: it is made of copies, fills and other operators. */
        public Declaration everywhere() {
            if (!(body instanceof Body.Kernel k)) throw new IllegalStateException(schema + " has no kernel");
            return cudas(k.cpu()::run);
        }

        /** Says that the kernel reads no tensor's elements: for a device it runs on the host, and its results are brought there. */
        public Declaration madeOnHost() {
            if (!(body instanceof Body.Kernel k)) throw new IllegalStateException(schema + " has no kernel");
            return cudas(new MadeOnHost(k.cpu()));
        }

        /** Says that the kernel takes tensors on the host together with tensors on a device. */
        public Declaration mixes() {
            if (!(body instanceof Body.Kernel k)) throw new IllegalStateException(schema + " has no kernel");
            body = new Body.Kernel(k.shape(), k.cpu(), k.cuda(), true);
            return this;
        }

        /** Says that {@link #composite} or {@link #host} code touches memory itself, so that it can only run on the host. */
        public Declaration onHost() {
            body = switch (body) {
                case Body.Composite c -> new Body.Composite(c.function(), true);
                case Body.Host h -> new Body.Host(h.function(), true);
                case null, default -> throw new IllegalStateException(schema + " is no composite and no host operator");
            };
            return this;
        }

        /**
         * Says that in a call on a device this runs on the host, on copies of its arguments, by intention: no library of the device
         * is bound for it. Each such call waits for the device and is counted ({@link DeviceCall#throughHost}).
         */
        public Declaration throughHost() {
            throughHost = true;
            return this;
        }

        /** Also declares {@code name_} with the same body; needs a first argument {@code Tensor self} and one result. */
        public Declaration inplace() {
            String text = schema.replaceFirst("^([a-z]+::\\w+)", "$1_").replaceFirst("\\(Tensor self", "(Tensor(a!) self")
                .replaceFirst("-> Tensor$", "-> Tensor(a!)");
            return alsoAs(text);
        }

        /** Also declares this schema with the same body, {@code "aten::relu_(Tensor(a!) self) -> Tensor(a!)"} or an {@code out=} form. */
        public Declaration alsoAs(String otherSchema) {
            if (body == null) throw new IllegalStateException("declare the body of " + schema + " first");
            Declaration other = op(otherSchema);
            other.body = body;
            other.nondeterministic = nondeterministic;
            other.sideEffects = sideEffects;
            other.throughHost = throughHost;
            return this;
        }

        /** Also declares the form that writes to {@code out}, as overload {@code out}. */
        public Declaration out() { return out("out"); }

        /** Also declares the form that writes to {@code out}, under this overload name. */
        public Declaration out(String overload) {
            String star = schema.contains("*, ") ? ", " : ", *, ";
            return alsoAs(schema.replaceFirst("^([a-z]+::\\w+)(\\.\\w+)?", "$1." + overload)
                .replaceFirst("\\) -> Tensor$", star + "Tensor(a!) out) -> Tensor(a!)"));
        }

        /** The same arguments need not give the same result. Call before {@link #alsoAs}. */
        public Declaration nondeterministic() {
            nondeterministic = true;
            return this;
        }

        /** It does more than compute and write its results. */
        public Declaration sideEffects() {
            sideEffects = true;
            return this;
        }

        private Declaration body(Body b) {
            if (body != null) throw new IllegalStateException(schema + " has a body already");
            body = b;
            return this;
        }
    }

    @Override public List<Operator> overloads(String name) {
        List<Operator> known = resolved.get(name);
        return known != null ? known : resolved.computeIfAbsent(name, this::resolve);
    }

    private List<Operator> resolve(String name) {
        List<Operator> out = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (Declaration d : declared.getOrDefault(name, List.of())) {
            out.add(new Operator(d.schema, d.body, d.nondeterministic, d.sideEffects, d.throughHost));
            keys.add(keyOf(d.schema));
        }
        for (String signature : signatures().getOrDefault(name, List.of())) {
            if (!keys.contains(keyOf(signature))) out.add(new Operator(signature, null, false, true, false));
        }
        return Collections.unmodifiableList(out);
    }

    /** The operator {@code aten::add.Tensor}. @throws IllegalArgumentException if there is none */
    public Operator get(String qualifiedName) {
        Operator known = byKey.get(qualifiedName);
        if (known != null) return known;
        Operator found = (Operator) find(qualifiedName).orElseThrow(
            () -> new IllegalArgumentException("no operator " + qualifiedName));
        byKey.put(qualifiedName, found);
        return found;
    }

    /** Names (without overloads) of all declared operators, in the order of declaration. */
    public Collection<String> declaredNames() { return Collections.unmodifiableCollection(declared.keySet()); }

    /** PyTorch's signatures by operator name: what exists, whether Cresset runs it or not. */
    public Map<String, List<String>> signatures() {
        Map<String, List<String>> known = signatures;
        if (known == null) signatures = known = readSignatures();
        return known;
    }

    private static Map<String, List<String>> readSignatures() {
        try (InputStream in = Catalog.class.getResourceAsStream(SIGNATURES)) {
            Map<String, List<String>> out = new HashMap<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                // names with other than letters are test fixtures of PyTorch
                if (!line.isBlank() && !line.startsWith("aten::_test")) out.computeIfAbsent(nameOf(line), _ -> new ArrayList<>(2)).add(line);
            }
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String keyOf(String schema) { return schema.substring(0, schema.indexOf('(')); }

    private static String nameOf(String schema) {
        String key = keyOf(schema);
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }
}
