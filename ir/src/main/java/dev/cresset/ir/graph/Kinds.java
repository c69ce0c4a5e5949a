package dev.cresset.ir.graph;

import java.util.Set;

/** The structural node kinds: those that are not calls of catalogue operators. */
public final class Kinds {
    /** Constant of any type: attribute {@code value}, absent for None. */
    public static final String CONSTANT = "prim::Constant";
    /** (cond) with two blocks without parameters; block returns are the outputs. */
    public static final String IF = "prim::If";
    /** (max trip count, initial condition, carried…) with one block (i, carried…) -> (condition, carried…). */
    public static final String LOOP = "prim::Loop";
    public static final String LIST_CONSTRUCT = "prim::ListConstruct";
    public static final String LIST_UNPACK = "prim::ListUnpack";
    public static final String DICT_CONSTRUCT = "prim::DictConstruct"; // key, value, key, value…
    public static final String TUPLE_CONSTRUCT = "prim::TupleConstruct";
    public static final String TUPLE_UNPACK = "prim::TupleUnpack";
    public static final String TUPLE_INDEX = "prim::TupleIndex";       // (tuple, index)
    public static final String TUPLE_SLICE = "prim::TupleSlice";       // (tuple), attributes beg, end (int)
    public static final String GET_ATTR = "prim::GetAttr";             // (object), attribute name
    public static final String SET_ATTR = "prim::SetAttr";             // (object, value), attribute name
    public static final String CREATE_OBJECT = "prim::CreateObject";   // () of class type
    public static final String CALL_FUNCTION = "prim::CallFunction";   // (function constant, args…)
    public static final String CALL_METHOD = "prim::CallMethod";       // (object, args…), attribute name; object may be an interface
    public static final String IS_INSTANCE = "prim::isinstance";       // (value), attribute types
    public static final String UNCHECKED_CAST = "prim::unchecked_cast";
    public static final String UNINITIALIZED = "prim::Uninitialized";
    public static final String RAISE = "prim::RaiseException";         // (message[, class name or None])
    public static final String PRINT = "prim::Print";
    public static final String FORK = "prim::fork";                    // captured values, attribute Subgraph
    public static final String ENTER = "prim::Enter";                  // (object): calls __enter__
    public static final String EXIT = "prim::Exit";                    // (object): calls __exit__, also when the body raises
    public static final String ENUM_NAME = "prim::EnumName";
    public static final String ENUM_VALUE = "prim::EnumValue";
    public static final String TO_LIST = "prim::tolist";               // (tensor): the output's type says the nesting
    public static final String CONTAINER_INDEX = "prim::ModuleContainerIndex"; // (module, index or key)
    /** A call that could not be resolved: attributes name, reason; fails when it is reached. */
    public static final String UNRESOLVED = "prim::unresolved";

    // ---- of the profiling executor

    /** (value): passes it on and records what it was; attribute profiled_type once runs have been recorded. */
    public static final String PROFILE = "prim::profile";
    /** (value): passes it on if it is of the output's type; else the rest of the block runs unspecialised. */
    public static final String GUARD = "prim::Guard";
    /** (value) -> bool: whether it is of attribute type; a guard in the middle of a specialised graph. */
    public static final String TYPE_CHECK = "prim::TypeCheck";
    /**
     * (tensors): straight-line code over tensors of known shapes, attribute Subgraph: operators, constants, lists of
     * these; no blocks, no writes, every tensor with a complete type; the results are fresh tensors, no views.
     */
    public static final String STATIC_SUBGRAPH = "prim::StaticSubgraph";
    /**
     * (tensors): one generated kernel, attribute Subgraph: in the subgraph of a static subgraph; in a graph for any sizes, where
     * the types in its own subgraph are those of one run.
     */
    public static final String FUSION_GROUP = "prim::FusionGroup";
    /**
     * (tensors): one call of a library and what it does to its result, attribute Subgraph: constants, the call, pointwise
     * operators each applied to the one before. Stands where fusion groups do.
     */
    public static final String LIBRARY_GROUP = "prim::LibraryGroup";
    /**
     * (tensors): a matrix product of few rows and pointwise operators that follow it as generated kernels, attribute Subgraph; attribute
     * parts: into how many its sums are cut. Stands where fusion groups do.
     */
    public static final String PRODUCT_GROUP = "prim::ProductGroup";
    /**
     * (tensors): the same fusion groups again and again, each time with what the time before has left, attribute Subgraph: these
     * groups in their order; attribute phases: how many of them are one step. Stands where fusion groups do.
     */
    public static final String FUSION_LOOP = "prim::FusionLoop";
    /** What stands where fusion groups do, these among it: of each the attribute Subgraph says what it computes from its inputs, and nothing else happens. */
    public static final Set<String> GROUPS = Set.of(FUSION_GROUP, LIBRARY_GROUP, PRODUCT_GROUP, FUSION_LOOP);

    private Kinds() {}
}
