// Regions of images pooled to a fixed number of cells, as torchvision does. A region is the number of its image and two corners
// (x1, y1, x2, y2), which are to be scaled.
namespace cresset {

struct region_args {
    const void* in;             // [images, in_channels, height, width], dense
    const void* regions;        // [n, 5], dense
    void* out;                  // [n, channels, rows, columns]
    int* places;                // of the same sizes: where a maximum is in its plane, or the channel that a cell is of
    i64* error;                 // whether a region names no image, the image that it names, how many there are
    i64 elements, images, in_channels, channels, height, width, rows, columns;
    i64 sampling, aligned;      // points of a cell in each direction, or 0 and less: one for each pixel; corners are centres of pixels
    i64 own;                    // each cell of a channel has an input channel of its own
    double scale;
};

DEVICE float region_round(float x) { return roundf(x); }
DEVICE double region_round(double x) { return round(x); }

// The region of an element of the result, the cell and the plane that it is made of.
template <class T> struct region_cell {
    typedef typename k_compute<T>::type V;
    const T* corners;
    const T* plane;             // 0 if there is no such image
    i64 channel, row, column;

    __device__ region_cell(const region_args& p, i64 element) {
        column = element % p.columns;
        row = element / p.columns % p.rows;
        i64 c = element / p.columns / p.rows % p.channels, region = element / p.columns / p.rows / p.channels;
        channel = p.own ? (c * p.rows + row) * p.columns + column : c;
        corners = (const T*) p.regions + 5 * region + 1;
        i64 image = k_long(k_value(corners[-1]));
        bool good = image >= 0 && image < p.images;
        if (!good) { p.error[1] = image; p.error[2] = p.images; p.error[0] = 1; }
        plane = good ? (const T*) p.in + (image * p.in_channels + channel) * p.height * p.width : 0;
    }
    __device__ V corner(const region_args& p, int i) const { return k_value(corners[i]) * (V) p.scale; }
    // Rounded to whole pixels, halves away from zero.
    __device__ i64 pixel(const region_args& p, int i) const { return k_long(region_round(corner(p, i))); }
};

template <class T, class V> DEVICE V region_sample(const region_args& p, const T* plane, V y, V x) {
    if (!(y >= -1 && y <= (V) p.height && x >= -1 && x <= (V) p.width)) return 0;
    if (y < 0) y = 0;
    if (x < 0) x = 0;
    i64 y0 = (i64) y, x0 = (i64) x, y1 = y0 + 1, x1 = x0 + 1;
    if (y0 >= p.height - 1) { y1 = y0 = p.height - 1; y = (V) y0; }
    if (x0 >= p.width - 1) { x1 = x0 = p.width - 1; x = (V) x0; }
    V fy = y - (V) y0, fx = x - (V) x0;
    return (1 - fy) * (1 - fx) * k_value(plane[y0 * p.width + x0]) + (1 - fy) * fx * k_value(plane[y0 * p.width + x1])
        + fy * (1 - fx) * k_value(plane[y1 * p.width + x0]) + fy * fx * k_value(plane[y1 * p.width + x1]);
}

DEVICE i64 region_points(i64 wanted, float length, i64 cells) { return wanted > 0 ? wanted : (i64) ceilf(length / (float) cells); }
DEVICE i64 region_points(i64 wanted, double length, i64 cells) { return wanted > 0 ? wanted : (i64) ceil(length / (double) cells); }

// The mean of bilinear samples on a grid in each cell.
template <class T> DEVICE void region_align(const region_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 e = k_first(); e < p.elements; e += k_step()) {
        region_cell<T> cell(p, e);
        V shift = p.aligned ? (V) 0.5 : (V) 0;
        V x = cell.corner(p, 0) - shift, y = cell.corner(p, 1) - shift, width = cell.corner(p, 2) - shift - x, height = cell.corner(p, 3) - shift - y;
        if (!p.aligned) {
            width = width < 1 ? (V) 1 : width;
            height = height < 1 ? (V) 1 : height;
        }
        V cell_height = height / (V) p.rows, cell_width = width / (V) p.columns;
        i64 ny = region_points(p.sampling, height, p.rows), nx = region_points(p.sampling, width, p.columns);
        V sum = 0;
        for (i64 i = 0; cell.plane != 0 && i < ny; i++) {
            V at = y + (V) cell.row * cell_height + ((V) i + (V) 0.5) * cell_height / (V) ny;
            for (i64 j = 0; j < nx; j++) {
                sum += region_sample(p, cell.plane, at, x + (V) cell.column * cell_width + ((V) j + (V) 0.5) * cell_width / (V) nx);
            }
        }
        // without any point torchvision divides by 0 where cells have channels of their own
        k_store((T*) p.out + e, sum / (V) (p.own ? ny * nx : k_max(ny * nx, (i64) 1)));
        if (p.places != 0) p.places[e] = (int) cell.channel;
    }
}

DEVICE i64 region_clamp(i64 v, i64 most) { return v < 0 ? 0 : v > most ? most : v; }

// The maximum of the whole pixels of each cell; of cells with channels of their own, the mean.
template <class T> DEVICE void region_pool(const region_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 e = k_first(); e < p.elements; e += k_step()) {
        region_cell<T> cell(p, e);
        i64 left = cell.pixel(p, 0), top = cell.pixel(p, 1);
        V cell_width = (V) k_max(cell.pixel(p, 2) - left + (p.own ? 0 : 1), (i64) 1) / (V) p.columns;
        V cell_height = (V) k_max(cell.pixel(p, 3) - top + (p.own ? 0 : 1), (i64) 1) / (V) p.rows;
        i64 last_row = p.height - (p.own ? 1 : 0), last_column = p.width - (p.own ? 1 : 0);
        i64 y0 = region_clamp(k_long(k_floor((V) cell.row * cell_height)) + top, last_row);
        i64 y1 = region_clamp(-k_long(k_floor(-((V) (cell.row + 1) * cell_height))) + top, last_row);
        i64 x0 = region_clamp(k_long(k_floor((V) cell.column * cell_width)) + left, last_column);
        i64 x1 = region_clamp(-k_long(k_floor(-((V) (cell.column + 1) * cell_width))) + left, last_column);
        V result = 0;
        i64 best = -1;
        for (i64 y = y0; cell.plane != 0 && y < y1; y++) {
            for (i64 x = x0; x < x1; x++) {
                V v = k_value(cell.plane[y * p.width + x]);
                if (p.own) result += v;
                else if (best < 0 || v > result) { best = y * p.width + x; result = v; }
            }
        }
        if (p.own && y1 > y0 && x1 > x0) result /= (V) ((y1 - y0) * (x1 - x0));
        k_store((T*) p.out + e, result);
        p.places[e] = (int) (p.own ? cell.channel : best);
    }
}

}  // namespace cresset
