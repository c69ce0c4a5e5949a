package dev.cresset.bench.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTimesPlotsTest {
    private static final int WHITE = 0xffffffff;

    @TempDir Path folder;

    @Test void eachWayHasItsColour() throws IOException {
        Path timings = Files.writeString(folder.resolve("timings.json"), """
            {"device": "a device", "rows": [
             {"model": "mlp", "label": "b1", "engine": "pytorch", "mode": "jit", "wall_ms": 0.5, "first_ms": [30, 1], "new_shape_ms": [20, 1]},
             {"model": "mlp", "label": "b1", "engine": "cresset", "mode": "graphs", "wall_ms": 0.1, "first_ms": [3, 1], "new_shape_ms": [0.2, 0.3]},
             {"model": "mlp", "label": "b1", "engine": "pytorch", "mode": "compile", "error": "does not take it"}]}
            """);
        DeviceTimesPlots.write(timings, folder);
        for (String name : new String[] {"device-steady.png", "device-first.png", "device-newshapes.png"}) {
            Set<Integer> colours = colours(folder.resolve(name));
            for (int i = 0; i < 2; i++) assertTrue(colours.contains(Chart.color(i).getRGB()), name + ", series " + i);
            assertTrue(colours.contains(WHITE), name);
        }
    }

    @Test void tenWaysHaveTenColours() {
        Set<Integer> colours = new HashSet<>();
        for (int i = 0; i < 10; i++) colours.add(Chart.color(i).getRGB());
        assertEquals(10, colours.size());
    }

    @Test void anotherFileIsAnError() throws IOException {
        Path other = Files.writeString(folder.resolve("other.json"), "{\"results\": 1}");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> DeviceTimesPlots.write(other, folder)).getMessage().endsWith("is no timings.json: it has no rows"));
    }

    private static Set<Integer> colours(Path png) throws IOException {
        BufferedImage image = ImageIO.read(png.toFile());
        Set<Integer> out = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++) for (int x = 0; x < image.getWidth(); x++) out.add(image.getRGB(x, y));
        return out;
    }
}
