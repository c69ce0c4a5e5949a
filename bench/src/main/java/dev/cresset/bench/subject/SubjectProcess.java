package dev.cresset.bench.subject;

import dev.cresset.bench.ResidentMemory;
import dev.cresset.cli.device.DeviceOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The process of one engine: reads a command a line, answers with a line that begins with {@code @} (or {@code !} and what
 * went wrong), so that whatever else native code prints does no harm. Everything runs on the main thread.
 *
 * <pre>
 *   load FOLDER          @ nanoseconds
 *   prepare LABEL        @
 *   calls LABEL N M T    @ nanoseconds of each call: at least N calls, then more up to M for as long as T milliseconds
 *   planned              @ of each of these calls, 1 if it was answered by something made for its shapes, else 0
 *   block LABEL MILLIS   @ median, 90th percentile, calls, processor time per call of the calling thread
 *   check LABEL          @ largest difference to PyTorch's output, relative to the largest value
 *   memory               @ peak resident kilobytes
 *   ceiling              @ GFLOP/s of a matrix product, GB/s of copying
 * </pre>
 */
public final class SubjectProcess {
    private final Subject subject;
    private final int threads;
    private final Map<String, Subject.Call> calls = new HashMap<>();
    private List<Timed> last = List.of();
    private Path folder;

    private SubjectProcess(Subject subject, int threads) {
        this.subject = subject;
        this.threads = threads;
    }

    /** @param args engine, threads, options of the device */
    public static void main(String[] args) throws Exception {
        int threads = Integer.parseInt(args[1]);
        DeviceOptions device = DeviceOptions.of(List.of(args).subList(2, args.length));
        SubjectProcess process = new SubjectProcess(Subject.named(args[0], threads, device), threads);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String answer;
            try {
                answer = "@ " + process.answer(line.split(" "));
            } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
                answer = "! " + String.valueOf(e.getMessage() == null ? e : e.getMessage()).lines().limit(3).collect(Collectors.joining(" / "));
            }
            System.out.println(answer);
            System.out.flush();
        }
        System.exit(0);
    }

    private String answer(String[] words) throws Exception {
        return switch (words[0]) {
            case "load" -> load(Path.of(words[1]));
            case "prepare" -> {
                call(words[1]);
                yield "";
            }
            case "calls" -> calls(call(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]), Long.parseLong(words[4]) * 1_000_000).stream()
                .map(c -> Long.toString(c.nanos)).collect(Collectors.joining(" "));
            case "planned" -> last.stream().map(c -> c.planned ? "1" : "0").collect(Collectors.joining(" "));
            case "block" -> block(call(words[1]), Long.parseLong(words[2]) * 1_000_000);
            case "check" -> Double.toString(call(words[1]).output().distance(FloatArray.read(folder.resolve(words[1] + ".out.npy"))));
            case "memory" -> Long.toString(ResidentMemory.peakKilobytes());
            case "ceiling" -> Ceiling.measure(threads);
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        };
    }

    private String load(Path model) throws Exception {
        folder = model;
        long start = System.nanoTime();
        subject.load(model);
        return Long.toString(System.nanoTime() - start);
    }

    private Subject.Call call(String label) throws Exception {
        Subject.Call known = calls.get(label);
        if (known != null) return known;
        Subject.Call call = subject.prepare(FloatArray.inputs(folder, label));
        calls.put(label, call);
        return call;
    }

    private record Timed(long nanos, boolean planned) {}

    private List<Timed> calls(Subject.Call call, int least, int most, long nanoseconds) throws Exception {
        last = new ArrayList<>();
        for (long end = System.nanoTime() + nanoseconds; last.size() < least || last.size() < most && System.nanoTime() < end; ) {
            long planned = subject.plannedCalls(), start = System.nanoTime();
            call.run();
            last.add(new Timed(System.nanoTime() - start, subject.plannedCalls() > planned));
        }
        return last;
    }

    private static String block(Subject.Call call, long nanoseconds) throws Exception {
        LongStream.Builder times = LongStream.builder();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long cpu = threads.getCurrentThreadCpuTime();
        long count = 0, end = System.nanoTime() + nanoseconds;
        for (long start = System.nanoTime(), stop; start < end || count < 3; start = stop) {
            call.run();
            stop = System.nanoTime();
            times.add(stop - start);
            count++;
        }
        cpu = threads.getCurrentThreadCpuTime() - cpu;
        long[] sorted = times.build().sorted().toArray();
        return sorted[sorted.length / 2] + " " + sorted[sorted.length * 9 / 10] + " " + count + " " + cpu / count;
    }
}
