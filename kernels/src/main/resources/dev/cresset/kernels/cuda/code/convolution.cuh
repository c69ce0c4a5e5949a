// Convolutions by their definition, for what no library computes. Tensors are [n, c, d, h, w] with missing dimensions of size 1.
namespace cresset {

struct convolution_axis { i64 in, kernel, stride, padding, dilation; };

struct convolution_args {
    const void* in;
    const void* weight;         // [out, in of a group, d, h, w]; transposed: [in, out of a group, d, h, w]
    void* out;
    i64 elements, transposed, group_in, group_out;
    k_dims dims;                // of out
    k_strides in_strides, weight_strides, out_strides;
    convolution_axis axis[3];
};

// The place of the input that the kernel's place k takes for result o, or -1.
DEVICE i64 convolution_place(const convolution_axis& a, i64 transposed, i64 o, i64 k) {
    i64 x = transposed ? o + a.padding - k * a.dilation : o * a.stride - a.padding + k * a.dilation;
    if (transposed) {
        if (x < 0 || x % a.stride != 0) return -1;
        x /= a.stride;
    }
    return x >= 0 && x < a.in ? x : -1;
}

DEVICE i64 convolution_add(i64 sum, i64 a, i64 b) { return k_add(sum, k_mul(a, b)); }
template <class V> DEVICE V convolution_add(V sum, V a, V b) { return sum + a * b; }

template <class T> DEVICE void convolution_plain(const convolution_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        i64 group = c.of[1] / p.group_out, row = c.of[1] % p.group_out;
        const T* in = (const T*) p.in + c.of[0] * p.in_strides.of[0] + group * p.group_in * p.in_strides.of[1];
        const T* weight = (const T*) p.weight + (p.transposed ? group * p.group_in * p.weight_strides.of[0] + row * p.weight_strides.of[1]
            : c.of[1] * p.weight_strides.of[0]);
        i64 channel_stride = p.weight_strides.of[p.transposed ? 0 : 1];
        V sum = V();
        for (i64 channel = 0; channel < p.group_in; channel++) {
            for (i64 z = 0; z < p.axis[0].kernel; z++) {
                i64 d = convolution_place(p.axis[0], p.transposed, c.of[2], z);
                if (d < 0) continue;
                for (i64 y = 0; y < p.axis[1].kernel; y++) {
                    i64 h = convolution_place(p.axis[1], p.transposed, c.of[3], y);
                    if (h < 0) continue;
                    for (i64 x = 0; x < p.axis[2].kernel; x++) {
                        i64 w = convolution_place(p.axis[2], p.transposed, c.of[4], x);
                        if (w < 0) continue;
                        V a = k_value(in[channel * p.in_strides.of[1] + d * p.in_strides.of[2] + h * p.in_strides.of[3] + w * p.in_strides.of[4]]);
                        V b = k_value(weight[channel * channel_stride + z * p.weight_strides.of[2] + y * p.weight_strides.of[3]
                            + x * p.weight_strides.of[4]]);
                        sum = convolution_add(sum, a, b);
                    }
                }
            }
        }
        k_store((T*) p.out + k_position(c, p.out_strides), sum);
    }
}

// torchvision's deform_conv2d: places of the kernel are moved by learned offsets, and weighted by a learned mask.
struct deform_args {
    const void* in;
    const void* offset;         // [n, offset groups, places, 2 (y, x), pixels]
    const void* mask;           // [n, offset groups, places, pixels], or 0
    void* out;
    i64 elements, offset_groups;
    k_dims dims;                // n, channels, places of the kernel, height, width of the result
    convolution_axis axis[2];
};

// Linear between the four elements around a point; zero outside.
template <class T, class V> DEVICE V deform_between(const T* in, i64 height, i64 width, V row, V column) {
    if (!(row > -1 && row < height && column > -1 && column < width)) return 0;
    i64 r = (i64) k_floor(row), c = (i64) k_floor(column);
    V v = row - r, h = column - c, sum = 0;
    if (r >= 0 && c >= 0) sum += (1 - v) * (1 - h) * k_value(in[r * width + c]);
    if (r >= 0 && c + 1 < width) sum += (1 - v) * h * k_value(in[r * width + c + 1]);
    if (r + 1 < height && c >= 0) sum += v * (1 - h) * k_value(in[(r + 1) * width + c]);
    if (r + 1 < height && c + 1 < width) sum += v * h * k_value(in[(r + 1) * width + c + 1]);
    return sum;
}

template <class T> DEVICE void convolution_deformed(const deform_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        i64 channels = p.dims.size[1], places = p.dims.size[2], pixels = p.dims.size[3] * p.dims.size[4];
        i64 pixel = c.of[3] * p.dims.size[4] + c.of[4], group = c.of[1] / (channels / p.offset_groups);
        i64 at = (c.of[0] * p.offset_groups + group) * places + c.of[2];
        const T* offset = (const T*) p.offset;
        i64 y = c.of[2] / p.axis[1].kernel, x = c.of[2] % p.axis[1].kernel;
        V row = (V) (c.of[3] * p.axis[0].stride - p.axis[0].padding + y * p.axis[0].dilation) + k_value(offset[2 * at * pixels + pixel]);
        V column = (V) (c.of[4] * p.axis[1].stride - p.axis[1].padding + x * p.axis[1].dilation) + k_value(offset[(2 * at + 1) * pixels + pixel]);
        V factor = p.mask == 0 ? (V) 1 : (V) k_value(((const T*) p.mask)[at * pixels + pixel]);
        const T* in = (const T*) p.in + (c.of[0] * channels + c.of[1]) * p.axis[0].in * p.axis[1].in;
        k_store((T*) p.out + i, factor * deform_between(in, p.axis[0].in, p.axis[1].in, row, column));
    }
}

}  // namespace cresset
