package dev.cresset.kernels.cpu.onednn;

/**
 * The constants of oneDNN's C API that this package uses, under the names of the headers {@code
 * oneapi/dnnl/dnnl_common_types.h} and {@code oneapi/dnnl/dnnl_types.h} (version 3.11) without their {@code dnnl_}
 * prefix.
 */
final class Dnn {
    private Dnn() {}

    // dnnl_status_t
    static final int SUCCESS = 0;
    static final int OUT_OF_MEMORY = 1;
    static final int UNIMPLEMENTED = 3;

    // dnnl_engine_kind_t, dnnl_stream_flags_t, dnnl_scratchpad_mode_t
    static final int CPU = 1;
    static final int STREAM_IN_ORDER = 1;
    static final int SCRATCHPAD_MODE_USER = 1;

    // dnnl_data_type_t
    static final int F16 = 1;
    static final int BF16 = 2;
    static final int F32 = 3;
    static final int S32 = 4;
    static final int S8 = 5;
    static final int U8 = 6;

    // dnnl_prop_kind_t
    static final int FORWARD_INFERENCE = 96;

    // dnnl_alg_kind_t
    static final int CONVOLUTION_DIRECT = 1;
    static final int DECONVOLUTION_DIRECT = 10;
    static final int ELTWISE_RELU = 32;
    static final int ELTWISE_TANH = 33;
    static final int ELTWISE_ELU = 34;
    static final int ELTWISE_LINEAR = 38;
    static final int ELTWISE_HARDSIGMOID = 40;
    static final int ELTWISE_LOGISTIC = 41;
    static final int ELTWISE_GELU_TANH = 43;
    static final int ELTWISE_SWISH = 44;
    static final int ELTWISE_CLIP = 46;
    static final int ELTWISE_GELU_ERF = 49;
    static final int ELTWISE_HARDSWISH = 52;
    static final int POOLING_MAX = 511;
    static final int POOLING_AVG_INCLUDE_PADDING = 767;
    static final int POOLING_AVG_EXCLUDE_PADDING = 1023;
    static final int BINARY_ADD = 131056;
    static final int BINARY_MUL = 131057;
    static final int BINARY_MAX = 131058;
    static final int BINARY_MIN = 131059;
    static final int BINARY_DIV = 131060;
    static final int BINARY_SUB = 131061;

    // dnnl_rnn_direction_t
    static final int UNIDIRECTIONAL_LEFT2RIGHT = 1;
    static final int UNIDIRECTIONAL_RIGHT2LEFT = 2;

    // dnnl_normalization_flags_t
    static final int USE_GLOBAL_STATS = 1;
    static final int USE_SCALE = 2;
    static final int USE_SHIFT = 4;

    // dnnl_format_tag_t
    static final int FORMAT_TAG_ANY = 1;

    // dnnl_query_t
    static final int QUERY_IMPL_INFO_STR = 8;
    static final int QUERY_STRIDES = 14;
    static final int QUERY_SCRATCHPAD_MD = 136;
    static final int QUERY_EXEC_ARG_MD = 255;
    static final int QUERY_NDIMS_S32 = 256;
    static final int QUERY_PADDED_DIMS = 260;
    static final int QUERY_DIMS = 257;
    static final int QUERY_DATA_TYPE = 258;
    static final int QUERY_FORMAT_KIND = 262;
    static final int QUERY_INNER_NBLKS_S32 = 263;
    static final int FORMAT_KIND_BLOCKED = 2;

    // DNNL_ARG_*
    static final int ARG_SRC = 1;
    static final int ARG_SRC_1 = 2;
    static final int ARG_SRC_ITER_C = 3;
    static final int ARG_DST = 17;
    static final int ARG_DST_ITER = 18;
    static final int ARG_DST_ITER_C = 19;
    static final int ARG_WEIGHTS = 33;
    static final int ARG_WEIGHTS_ITER = 34;
    static final int ARG_BIAS = 41;
    static final int ARG_MEAN = 49;
    static final int ARG_VARIANCE = 50;
    static final int ARG_SCALE = 51;
    static final int ARG_SHIFT = 52;
    static final int ARG_SCRATCHPAD = 80;
    static final int ARG_POST_OP_BASE = 32768;

    /** DNNL_MAX_NDIMS. */
    static final int MAX_NDIMS = 12;

    /** The argument number of the second operand of the binary post-op at this place of the chain. */
    static int postOpOperand(int place) { return ARG_POST_OP_BASE * (place + 1) | ARG_SRC_1; }

    /** The name of a dnnl_status_t, for messages. */
    static String statusName(int status) {
        return switch (status) {
            case SUCCESS -> "success";
            case OUT_OF_MEMORY -> "out_of_memory";
            case 2 -> "invalid_arguments";
            case UNIMPLEMENTED -> "unimplemented";
            case 4 -> "last_impl_reached";
            case 5 -> "runtime_error";
            case 6 -> "not_required";
            case 9 -> "invalid_shape";
            default -> "status " + status;
        };
    }

    /** The name of a dnnl_cpu_isa_t, for the doctor's report. */
    static String isaName(int isa) {
        return switch (isa) {
            case 0 -> "default";
            case 1 -> "sse41";
            case 3 -> "avx";
            case 7 -> "avx2";
            case 15 -> "avx2_vnni";
            case 31 -> "avx2_vnni_2";
            case 39 -> "avx512_core";
            case 103 -> "avx512_core_vnni";
            case 231 -> "avx512_core_bf16";
            case 495 -> "avx512_core_fp16";
            case 4079 -> "avx512_core_amx";
            case 8175 -> "avx512_core_amx_fp16";
            default -> "isa 0x" + Integer.toHexString(isa);
        };
    }
}
