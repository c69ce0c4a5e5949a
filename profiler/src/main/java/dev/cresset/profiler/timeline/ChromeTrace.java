package dev.cresset.profiler.timeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Writes a timeline in Chrome's trace event format (complete events, microseconds), which Perfetto opens. */
public final class ChromeTrace {
    private ChromeTrace() {}

    public static void write(Timeline timeline, Path file) throws IOException { Files.writeString(file, json(timeline)); }

    /** The trace as one JSON object. */
    public static String json(Timeline timeline) {
        Map<String, Integer> threads = new LinkedHashMap<>();
        StringBuilder out = new StringBuilder("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
        String separator = "\n";
        for (Timeline.Event e : timeline.events()) {
            int thread = threads.computeIfAbsent(e.thread(), _ -> threads.size() + 1);
            out.append(separator).append(String.format(Locale.ROOT,
                "{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"dur\":%.3f,\"name\":%s,\"cat\":%s,\"args\":{\"source\":%s}}", thread,
                e.startNanos() / 1e3, e.nanos() / 1e3, quoted(e.name()), quoted(e.category()), quoted(e.place())));
            separator = ",\n";
        }
        for (Map.Entry<String, Integer> t : threads.entrySet()) {
            out.append(separator).append(String.format(Locale.ROOT,
                "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":%s}}", t.getValue(), quoted(t.getKey())));
            separator = ",\n";
        }
        return out.append("\n]}\n").toString();
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ') out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
