package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.Arrays;
import java.util.List;

/**
 * Products of matrices of few rows ({@code tile.cuh}) with what is made of their elements, printed as the kernels of loop nests are. Items
 * are tiles, a block each.
 *
 * @param slots of the parameter, after those of {@link Arguments}
 */
public record TileKernel(String entry, String source, List<Slot> slots, Launch launch) implements KernelSource {
    private static final int[] ROWS = {16, 32, 64};
    private static final int COLUMNS = 64, THREADS = 128, SLICE_BYTES = 128, LINE_BYTES = SLICE_BYTES + 16;
    /** Shared memory of a block that any device has, and that devices for computing have for each of three blocks at once. */
    private static final int USUAL_BYTES = 48 << 10, MOST_BYTES = 75 << 10;
    private static final List<String> FAMILIES = List.of("mma.cuh", "tile.cuh");

    public TileKernel { slots = List.copyOf(slots); }

    /**
     * Which of the kernels.
     *
     * @param type   of the elements of both matrices
     * @param rows   of a tile
     * @param stages slices that are in shared memory at once: tensor cores use them up faster than memory answers
     */
    public record Form(ScalarType type, int rows, Sums sums, int stages) {
        /** For a product of so many rows on a device. */
        public static Form of(ScalarType type, long rows, Sums sums, int capability) {
            int tile = Arrays.stream(ROWS).filter(r -> rows <= r).findFirst().orElse(ROWS[ROWS.length - 1]);
            int bytes = sums != Sums.PLAIN && Sums.isStrong(capability) ? MOST_BYTES : USUAL_BYTES;
            return new Form(type, tile, sums, bytes / sliceBytes(tile));
        }

        private static int sliceBytes(int rows) { return (rows + COLUMNS) * LINE_BYTES; }

        private Launch launch() { return Launch.rows(THREADS, 1).sharing(stages * sliceBytes(rows)); }

        private String template() {
            String shape = CudaTypes.element(type) + ", " + rows;
            return shape + ", " + stages + ", tile_" + sums + "<" + shape + ">";
        }

        /** How many tiles there are. */
        public long tiles(long allRows, long columns) { return Math.ceilDiv(allRows, (long) rows) * Math.ceilDiv(columns, (long) COLUMNS); }

        /** Elements of a row that are in shared memory at once. */
        public long slice() { return SLICE_BYTES / type.byteSize(); }
    }

    /**
     * What all of them take.
     *
     * @param a,b       addresses of matrices of {@code depth} columns
     * @param sums      room for parts × rows × columns numbers of float32, 0 if there is one part
     * @param partDepth of each part but the last, in whole slices
     * @param aligned   rows of both begin and end at multiples of 16 bytes
     */
    public record Arguments(long a, long b, long sums, long rows, long columns, long depth, long aRow, long bRow, long parts, long partDepth, boolean aligned) {
        public long[] slots() { return new Slots().add(a, b, sums, rows, columns, depth, aRow, bRow, parts, partDepth).flag(aligned).values(); }
    }

    /** Leaves the sums of parts in memory. */
    public static FamilyKernel part(Form f) {
        return FamilyKernel.of(FamilyKernel.name("tile_part", f.type, f.rows, f.stages, f.sums), FAMILIES, "tile_args",
            () -> "tile_part<" + f.template() + ">", f.launch());
    }

    /**
     * Writes what the epilogue makes of the sums.
     *
     * @param epilogue as {@link dev.cresset.kernels.fuse.TiledProduct} has it
     * @throws dev.cresset.ir.diag.UnsupportedException if it has more operands than a kernel can take
     */
    public static TileKernel whole(Form f, LoopNest epilogue) {
        Loops loops = Loops.inOrder(epilogue);
        Structure s = Structure.of(epilogue, loops);
        Lines out = new Lines();
        NestPrinter printer = new NestPrinter(s, Variant.of(s, loops, false), Schedule.ELEMENTS, out);
        String index = printer.index();
        out.open("{");
        out.add("extern __shared__ __align__(16) char tile_memory[];");
        out.open("for (i64 item = blockIdx.x; item < tile_items<" + f.rows + ">(p.tile); item += gridDim.x) {");
        out.add("const tile_item at = tile_find<" + f.rows + ">(p.tile, item);");
        out.add("const float* sums = tile_multiply<" + f.template() + ">(p.tile, at, tile_memory);");
        out.open("for (int e = threadIdx.x; e < " + f.rows * COLUMNS + "; e += " + THREADS + ") {");
        out.add("const i64 row = at.row + e / " + COLUMNS + ", column = at.column + e % " + COLUMNS + ";");
        out.add("if (row >= p.tile.rows || column >= p.tile.columns) continue;");
        out.add("const float sum = sums[e / " + COLUMNS + " * TILE_SUMS + e % " + COLUMNS + "];");
        out.add("const " + index + " i = (" + index + ") (row * p.tile.columns + column);");
        printer.element("i", 0, "sum");
        out.close();
        out.add("__syncthreads();");
        out.close();
        out.close();
        Launch launch = f.launch();
        String text = "struct @_args {\n    tile_args tile;\n" + printer.parameters().fields() + "};\nextern \"C\" __global__ void " + launch.bounds()
            + " @(const @_args p) " + out;
        String name = "t" + Parameters.hash(text);
        return new TileKernel(name, text.replace("@", name), printer.parameters().slots(), launch);
    }

    @Override public Object key() { return entry; }

    @Override public List<String> families() { return FAMILIES; }

    /**
     * The values of its parameter.
     *
     * @param bases  as {@link KernelText#pack} takes them, of the epilogue's operands; that of the sums does not count
     * @param loops  of the epilogue, in order
     */
    public long[] pack(Arguments tile, long[] bases, int[] widths, Loops loops) {
        return new Slots().add(tile.slots()).add(KernelText.pack(slots, bases, widths, loops, _ -> null)).values();
    }
}
