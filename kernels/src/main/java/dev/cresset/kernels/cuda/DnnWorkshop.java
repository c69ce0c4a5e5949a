package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.Dnn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * cuDNN on one stream, with what was prepared for the shapes that came: descriptors, chosen algorithms. Of many shapes those
 * that were not used for longest go. For one thread at a time.
 */
public final class DnnWorkshop implements AutoCloseable {
    private static final int MOST = 512;

    private final Dnn dnn;
    private final Map<Object, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);

    DnnWorkshop(Dnn dnn) { this.dnn = dnn; }

    public Dnn dnn() { return dnn; }

    /** Something that holds handles of cuDNN. */
    public interface Prepared extends AutoCloseable {
        @Override void close();
    }

    /** What was prepared under this key, or is now. Keys of different kinds of things have types of their own. */
    public <T extends Prepared> T prepared(Object key, Class<T> type, Function<Dnn, T> make) {
        Prepared known = prepared.get(key);
        if (known != null) return type.cast(known);
        if (prepared.size() >= MOST) prepared.remove(prepared.keySet().iterator().next()).close();
        T made = make.apply(dnn);
        prepared.put(key, made);
        return made;
    }

    @Override public void close() {
        List<Prepared> all = new ArrayList<>(prepared.values());
        prepared.clear();
        all.forEach(Prepared::close);
        dnn.close();
    }
}
