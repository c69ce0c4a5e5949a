package dev.cresset.bench.gpu;

import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.SourceArchive;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.DeviceLostException;
import dev.cresset.kernels.cuda.driver.KernelArguments;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import dev.cresset.kernels.cuda.driver.KernelModule;
import dev.cresset.kernels.cuda.driver.Nvrtc;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.kernels.cuda.driver.Stream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What can go wrong on a device, made to happen. Each in a process of its own: a lost device stays lost in its process. */
enum Fault {
    /** A call that needs more than the engine may have. */
    MEMORY_LIMIT {
        @Override String check() {
            try (Engine engine = Engine.builder().device("cuda").deviceMemoryBytes(LIMIT_BYTES).build()) {
                return outOfMemory(engine, LIMIT_BYTES);
            }
        }
    },
    /** A call that needs more than any device has. */
    MEMORY_OF_DEVICE {
        @Override String check() {
            try (Engine engine = Engine.builder().device("cuda").build()) {
                return outOfMemory(engine, MORE_THAN_ANY_DEVICE);
            }
        }
    },
    /** A kernel that traps: CUDA answers nothing after it. */
    LOST_DEVICE {
        @Override String check() {
            try (Engine engine = Engine.builder().device("cuda").build(); Program program = program(engine);
                 ScriptModule module = program.instantiate()) {
                works(module);
                expect(engine.health().isGood(), "the engine is not healthy before the fault: " + engine.health());
                trap();
                String first = fails(module, SMALL, DeviceLostException.class);
                String second = fails(module, SMALL, DeviceLostException.class);
                expect(first.equals(second), "the second call says \"" + second + "\", the first said \"" + first + '"');
                expect(!engine.health().isGood(), "Engine.health() is good although the device is lost");
                expect(engine.health().reason().equals(first), "Engine.health() gives \"" + engine.health().reason() + "\" as the reason");
                return first;
            }
        }
    },
    /** A kernel that does not compile. */
    COMPILE_ERROR {
        @Override String check() {
            try (Engine engine = Engine.builder().device("cuda").build(); Program program = program(engine);
                 ScriptModule module = program.instantiate(); DeviceContext context = DeviceContext.open(0)) {
                String said = refused(context);
                works(module);
                return said;
            }
        }
    };

    private static final long SMALL = 1000;
    private static final long LIMIT_BYTES = 64L << 20;
    private static final long MORE_THAN_ANY_DEVICE = 1L << 44;
    private static final String TWOS = """
        n: int) -> Tensor:
            x = torch.ones([n], dtype=6, layout=None, device=None, pin_memory=False)
            return torch.add(x, x)
        """;
    private static final String TRAP = "extern \"C\" __global__ void trap() { __trap(); }\n";
    private static final String WRONG = "extern \"C\" __global__ void wrong(float *p) { p[0] = nothing; }\n";

    /** Makes it happen. @return what was said @throws IllegalStateException that says what is not as it must be */
    abstract String check();

    /** The name on the command line, {@code lost-device}. */
    String title() { return name().toLowerCase(Locale.ROOT).replace('_', '-'); }

    private static Program program(Engine engine) { return engine.load(SourceArchive.of(TWOS), "twos"); }

    private static String outOfMemory(Engine engine, long bytes) {
        try (Program program = program(engine); ScriptModule module = program.instantiate()) {
            works(module);
            long before = engine.deviceMemory().liveBytes();
            String said = fails(module, bytes / Float.BYTES, OutOfDeviceMemoryException.class);
            long after = engine.deviceMemory().liveBytes();
            expect(after == before, "the device's memory in use was " + before + " bytes before the failing call and is " + after + " after it");
            works(module);
            expect(engine.health().isGood(), "the engine is not healthy: " + engine.health());
            return said;
        }
    }

    private static void works(ScriptModule module) {
        try (Result result = module.forward(SMALL)) {
            float[] expected = new float[(int) SMALL];
            Arrays.fill(expected, 2);
            expect(Arrays.equals(expected, result.tensor().toFloatArray()), "1 + 1 is not 2 everywhere");
        }
    }

    private static String fails(ScriptModule module, long count, Class<? extends CressetException> type) {
        try (Result result = module.forward(count)) {
            throw new IllegalStateException("a call with " + count + " elements works: " + result);
        } catch (CressetException e) {
            expect(type.isInstance(e), "expected " + type.getSimpleName() + ", got " + e);
            return e.getMessage();
        }
    }

    /** Runs a kernel that traps. Contexts of a device are one for CUDA: what befalls it befalls the engine. */
    private static void trap() {
        DeviceContext context = DeviceContext.open(0);
        byte[] code = Nvrtc.compile("trap.cu", TRAP, context.properties().architecture(), List.of());
        try (Stream stream = new Stream(context); KernelModule module = new KernelModule(context, code)) {
            module.function("trap").launch(stream, 1, 32, 0, new KernelArguments());
            stream.synchronize();
            throw new IllegalStateException("a kernel that traps is no error");
        } catch (DeviceLostException e) {
            expect(context.isLost(), "the context does not know that it is lost");
        }
    }

    private static String refused(DeviceContext context) {
        try {
            Nvrtc.compile("wrong.cu", WRONG, context.properties().architecture(), List.of());
            throw new IllegalStateException("NVRTC compiles what is wrong:\n" + WRONG);
        } catch (KernelCompileException e) {
            expect(e.log().contains("wrong.cu") && e.log().contains("nothing"), "NVRTC's messages do not name the place: " + e.log());
            return e.log().strip();
        }
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) throw new IllegalStateException(otherwise);
    }
}
