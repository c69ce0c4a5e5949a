package dev.cresset.bench.subject;

import dev.cresset.cli.device.DeviceOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An engine under test, with one model in it. Used from one thread, as an engine's caches may belong to the thread. */
public interface Subject extends AutoCloseable {
    /** Loads the model of a folder of {@code make_models.py}. */
    void load(Path folder) throws Exception;

    /** Makes the engine's own form of the inputs, outside the measured time. */
    Call prepare(List<FloatArray> inputs) throws Exception;

    /** How many calls so far were answered by something made for the inputs' shapes; 0 if the engine does not tell. */
    default long plannedCalls() { return 0; }

    @Override void close() throws Exception;

    /** One model with one set of inputs. */
    interface Call extends AutoCloseable {
        /** Runs the model and gives the output back to the engine: what is measured. */
        void run() throws Exception;

        /** Runs the model and copies the output. */
        FloatArray output() throws Exception;

        @Override void close() throws Exception;
    }

    /**
     * An engine by its short name. The peers are compiled only in the Maven profile of that name, so they are looked up.
     *
     * @param device where Cresset runs; peers run on the CPU
     * @throws IllegalArgumentException if it is not known or not on the class path
     */
    static Subject named(String engine, int threads, DeviceOptions device) throws IOException {
        if (engine.equals("cresset")) return new CressetSubject(threads, device);
        String type = switch (engine) {
            case "djl" -> "DjlSubject";
            case "ort" -> "OrtSubject";
            default -> throw new IllegalArgumentException("there is no engine '" + engine + "'; known are cresset, djl, ort");
        };
        try {
            return (Subject) Class.forName(Subject.class.getPackageName() + "." + type).getConstructor(int.class).newInstance(threads);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("engine '" + engine + "' is not on the class path; build with the Maven profile 'peers'", e);
        }
    }
}
