package dev.cresset.kernels.ops.shape;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Creation, views, copies, concatenation, padding, indexing. */
public final class ShapeOps {
    private ShapeOps() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        return List.of(new CopyOps(), new PropertyOps(), new ConvertOps(), new ViewOps(), new SplitOps(),
            new CreationOps(),
            new RangeOps(), new NumberOps(), new TriangleOps(), new JoinOps(), new PadOps(), new RearrangeOps(),
                new IndexOps(), new GatherOps(), new ScatterOps(), new PutOps(),
            new EmbeddingOps(), new SearchOps(), new UniqueOps(), new VisionOps());
    }
}
