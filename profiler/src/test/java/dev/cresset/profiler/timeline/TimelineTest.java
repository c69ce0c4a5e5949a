package dev.cresset.profiler.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimelineTest {
    @Test void sumsUpByOperatorTheLargestFirst() {
        Timeline t = new Timeline();
        t.record("aten::relu", "operator", "m.py:3:0", 1_000, 2_000);
        t.record("aten::conv2d", "operator", "m.py:2:0", 2_000, 9_000);
        t.record("aten::relu", "operator", "m.py:3:0", 9_000, 12_000);
        t.record("forward", "call", "", 0, 13_000);
        assertEquals("[Row[name=aten::conv2d, count=1, totalNanos=7000, longestNanos=7000], "
            + "Row[name=aten::relu, count=2, totalNanos=4000, longestNanos=3000]]", t.rows().toString());
        assertTrue(t.table().contains("63.6%"), t.table());
    }

    @Test void keepsNoMoreThanItsLimit() {
        Timeline t = new Timeline(2);
        for (int i = 0; i < 5; i++) t.record("a", "operator", "", i, i + 1);
        assertEquals(2, t.events().size());
        assertEquals(3, t.dropped());
    }

    @Test void writesCompleteEventsInMicroseconds() {
        Timeline t = new Timeline();
        t.record("a\"b", "operator", "", 1_500, 4_000);
        String json = ChromeTrace.json(t);
        assertTrue(json.contains("\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":1.500,\"dur\":2.500,\"name\":\"a\\\"b\""), json);
    }
}
