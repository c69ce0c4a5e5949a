package dev.cresset.runtime.executor;

import static dev.cresset.runtime.executor.Executed.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.profiler.timeline.Timeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanEventsTest {
    @TempDir Path temp;

    @Test void flightRecorderHearsOfPlansAndGuards() throws IOException {
        Path file = temp.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Specialize", "Compile", "GuardFailure", "Eviction")) recording.enable("cresset." + name).withThreshold(java.time.Duration.ZERO);
            recording.start();
            try (Executed e = new Executed(ExecutionMode.OPTIMIZE)) {
                for (int i = 0; i < 3; i++) e.call("forward", random(1, 4, 3));
                for (int n = 5; n < 13; n++) e.call("forward", random(1, n, 3));
            }
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertEquals(9, of(events, "Specialize").size());
        assertEquals("__torch__.Executed.forward", of(events, "Specialize").getFirst().getString("function"));
        assertEquals(9, of(events, "Compile").size());
        RecordedEvent compile = of(events, "Compile").getFirst();
        assertEquals("__torch__.Executed.forward#1", compile.getString("plan"));
        assertEquals(6, compile.getInt("operators"));
        assertTrue(compile.getLong("bytes") > 0);
        assertEquals("%x: expected Float(4, 3, device=cpu), got Float(5, 3, device=cpu)", of(events, "GuardFailure").getFirst().getString("reason"));
        assertEquals(List.of("__torch__.Executed.forward#1"), of(events, "Eviction").stream().map(e -> e.getString("plan")).toList());
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream().filter(e -> e.getEventType().getName().equals("cresset." + name)).toList();
    }

    @Test void timelinesShowTheStepsOfPlans() {
        Timeline timeline = new Timeline();
        try (Executed e = new Executed(ExecutionMode.OPTIMIZE, Engine.builder().timeline(timeline))) {
            for (int i = 0; i < 2; i++) e.call("scaled", random(1, 4, 3), 2.0);
            timeline.clear();
            e.call("scaled", random(1, 4, 3), 2.0);
        }
        List<Timeline.Event> events = timeline.events();
        Timeline.Event whole = events.stream().filter(e -> e.name().equals("prim::StaticSubgraph")).findFirst().orElseThrow();
        List<Timeline.Event> steps = events.stream().filter(e -> e.category().equals("operator")).toList();
        assertTrue(steps.stream().anyMatch(e -> e.name().startsWith("fused ")), steps.toString());
        assertTrue(steps.stream().allMatch(e -> e.startNanos() >= whole.startNanos() && e.endNanos() <= whole.endNanos()));
        assertTrue(timeline.rows().stream().noneMatch(r -> r.name().equals("prim::StaticSubgraph")), "its steps count, not the whole again");
    }
}
