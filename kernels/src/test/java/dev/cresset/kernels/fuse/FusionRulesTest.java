package dev.cresset.kernels.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.statics.StaticRuns;
import dev.cresset.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule on its own, against the operator. Every call must become a group. */
class FusionRulesTest {
    private static final String HEAD = """
        graph(%x : Float(2, 6, 4, 5, strides=[120, 20, 5, 1], device=cpu), %v : Float(6, strides=[1], device=cpu),
              %w : Float(6, strides=[1], device=cpu), %row : Float(5, strides=[1], device=cpu),
              %h : Half(8, 6, strides=[6, 1], device=cpu), %i : Int(8, 6, strides=[6, 1], device=cpu),
              %m : Bool(8, 6, strides=[6, 1], device=cpu), %d : Double(8, 6, strides=[6, 1], device=cpu),
              %f : Float(8, 6, strides=[1, 8], device=cpu), %u : Byte(8, 6, strides=[6, 1], device=cpu)):
          %none : NoneType = prim::Constant()
          %false : bool = prim::Constant[value=0]()
          %true : bool = prim::Constant[value=1]()
          %0 : int = prim::Constant[value=0]()
          %1 : int = prim::Constant[value=1]()
          %2 : int = prim::Constant[value=2]()
          %3 : int = prim::Constant[value=3]()
          %4 : int = prim::Constant[value=4]()
          %5 : int = prim::Constant[value=5]()
          %6 : int = prim::Constant[value=6]()
          %7 : int = prim::Constant[value=7]()
          %m1 : int = prim::Constant[value=-1]()
          %eps : float = prim::Constant[value=1e-05]()
          %half : float = prim::Constant[value=0.5]()
          %inf : float = prim::Constant[value=inf]()
          %last : int[] = prim::ListConstruct(%m1)
          %last2 : int[] = prim::ListConstruct(%2, %3)
          %one : int[] = prim::ListConstruct(%1)
          %shape5 : int[] = prim::ListConstruct(%5)
          %positive : Float(6, strides=[1], device=cpu) = prim::Constant[value=<Tensor>]()
        """;

    private final StaticRuns runs = new StaticRuns();

    private void check(String body, double tolerance) {
        Graph graph = runs.graph(HEAD + body.lines().map(l -> "  " + l.strip() + "\n").reduce("", String::concat));
        Graph fused = FuseGroups.withProducts(_ -> { }).form(graph).graph();
        Node group = fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).findFirst()
            .orElseThrow(() -> new AssertionError("no group: " + FuseGroups.withProducts(_ -> { }).form(graph).notes()));
        assertEquals(0, fused.nodes().stream().filter(n -> n.operator() != null).count(), () -> FuseGroups.withProducts(_ -> { }).form(graph).notes().toString());
        Tensor[] in = StaticRuns.inputs(graph, new Random(5));
        Tensor[] want = runs.run(graph, in);
        Tensor[] got = runs.run(fused, in);
        String where = GroupLowering.lower(group, Layouts.BY_TYPE).nest().toString();
        for (int i = 0; i < want.length; i++) StaticRuns.assertClose(want[i], got[i], tolerance, where);
        assertTrue(want.length > 0);
    }

    /** Bit for bit. */
    @ParameterizedTest
    @ValueSource(strings = {"aten::relu(%x)", "aten::mul(%x, %half)", "aten::add(%h, %m, %1)", "aten::sub(%i, %u, %3)",
        "aten::div(%i, %2)", "aten::mul(%i, %i)", "aten::add(%u, %u, %7)", "aten::where(%m, %f, %d)", "aten::masked_fill(%f, %m, %inf)",
        "aten::to(%f, %3, %false, %false, %none)", "aten::to(%d, %5, %false, %false, %none)", "aten::type_as(%i, %h)",
        "aten::hardswish(%h)", "aten::hardtanh(%f, %m1, %1)", "aten::leaky_relu(%h, %half)", "aten::addcmul(%f, %h, %d, %2)",
        "aten::lerp(%f, %f, %half)", "aten::rsub(%i, %3, %2)", "aten::threshold(%f, %half, %2)", "aten::glu(%h, %1)",
        "aten::prelu(%x, %v)", "aten::dropout(%f, %half, %false)", "aten::pow(%i, %2)", "aten::pow(%f, %2)", "aten::pow(%f, %3)", "aten::pow(%f, %half)", "aten::pow(%f, %m1)", "aten::eq(%i, %u)", "aten::lt(%h, %0)",
        "aten::logical_and(%i, %m)", "aten::floor_divide(%i, %3)", "aten::remainder(%i, %3)", "aten::clamp(%h, %m1, %1)",
        "aten::square(%m)", "aten::abs(%i)", "aten::neg(%u)", "aten::zeros_like(%f, %none, %none, %none, %none, %none)",
        "aten::batch_norm(%x, %v, %w, %w, %positive, %false, %half, %eps, %true)", "aten::max(%i, %u)", "aten::rsqrt(%d)",
        "aten::amax(%i, %last, %false)", "aten::max(%d)", "aten::min(%x)", "aten::amin(%x, %last2, %true)", "aten::any(%m, %m1, %false)",
        "aten::all(%m, %1, %true)", "aten::any(%u)", "aten::sum(%i, %last, %false, %none)", "aten::sum(%m, %last, %true, %none)"})
    void exactly(String call) {
        String used = call.startsWith("aten::zeros_like") ? "%r0 : Tensor = " + call + "\n%r : Tensor = aten::add(%r0, %f, %1)\nreturn (%r)"
            : call.startsWith("aten::dropout") ? "%r0 : Tensor = " + call + "\n%r : Tensor = aten::neg(%r0)\nreturn (%r)"
            : "%r : Tensor = " + call + "\nreturn (%r)";
        check(used, 0);
    }

    /** Within what other orders of summation and other approximations of functions make. */
    @ParameterizedTest
    @ValueSource(strings = {"aten::softmax(%x, %m1, %none)", "aten::softmax(%h, %1, %none)", "aten::softmax(%h, %1, %6)",
        "aten::log_softmax(%f, %1, %none)", "aten::log_softmax(%d, %m1, %none)", "aten::sum(%f, %last, %false, %none)",
        "aten::sum(%h, %last, %true, %6)", "aten::sum(%x, %last2, %false, %none)", "aten::mean(%x, %last2, %true, %none)",
        "aten::mean(%d, %none)", "aten::sum(%d, %none)", "aten::var(%x, %last2, %true, %false)", "aten::std(%f, %last, %0, %true)",
        "aten::std(%d, %true)", "aten::norm(%d, %2)", "aten::norm(%f, %1, %last, %true)", "aten::norm(%f, %inf, %last, %false)",
        "aten::linalg_vector_norm(%f, %0, %last, %false, %none)", "aten::logsumexp(%f, %last, %false)",
        "aten::layer_norm(%x, %shape5, %row, %row, %eps, %false)", "aten::layer_norm(%x, %shape5, %none, %none, %eps, %false)",
        "aten::layer_norm(%h, %shape6, %none, %none, %eps, %false)", "aten::group_norm(%x, %3, %none, %none, %eps, %true)",
        "aten::group_norm(%x, %6, %v, %w, %eps, %true)", "aten::group_norm(%h, %3, %none, %none, %eps, %true)",
        "aten::instance_norm(%x, %v, %w, %none, %none, %true, %half, %eps, %true)", "aten::gelu(%f, %tanh)", "aten::gelu(%h, %exact)",
        "aten::silu(%d)", "aten::mish(%f)", "aten::softplus(%f, %1, %5)", "aten::elu(%f, %1, %1, %1)", "aten::sigmoid(%i)"})
    void closely(String call) {
        check("""
            %tanh : str = prim::Constant[value="tanh"]()
            %exact : str = prim::Constant[value="none"]()
            %shape6 : int[] = prim::ListConstruct(%6)
            %r : Tensor = """ + " " + call + "\nreturn (%r)", call.contains("%h") ? 2e-3 : 2e-6);
    }

    /** Of up to four rows, with what follows. */
    @ParameterizedTest
    @ValueSource(strings = {"aten::linear(%v, %f, %none)", "aten::linear(%w, %f, %b8)", "aten::linear(%rows, %f, %b8)",
        "aten::linear(%cube, %f, %b8)", "aten::linear(%hrows, %h, %none)", "aten::linear(%drows, %d, %none)"})
    void productsOfFewRows(String call) {
        check("""
            %b8 : Tensor = aten::select(%f, %1, %2)
            %rows : Tensor = aten::slice(%f, %0, %0, %6, %2)
            %shape : int[] = prim::ListConstruct(%3, %1, %6)
            %cube : Tensor = aten::reshape(%rows, %shape)
            %hrows : Tensor = aten::slice(%h, %0, %1, %4, %1)
            %drows : Tensor = aten::slice(%d, %0, %1, %5, %1)
            %r : Tensor ="""  + " " + call + """

            %s : Tensor = aten::tanh(%r)
            %c : Tensor[] = aten::chunk(%s, %2, %m1)
            %c0 : Tensor, %c1 : Tensor = prim::ListUnpack(%c)
            %z : Tensor = aten::mul(%c0, %c1)
            return (%z, %r)""", call.contains("%h") ? 2e-3 : 2e-6);
    }

    /** Two results. */
    @ParameterizedTest
    @ValueSource(strings = {"aten::var_mean(%f, %last, %true, %false)", "aten::std_mean(%x, %last2, %false, %true)"})
    void pairs(String call) { check("%r : Tensor, %s : Tensor = " + call + "\nreturn (%r, %s)", 2e-6); }
}
