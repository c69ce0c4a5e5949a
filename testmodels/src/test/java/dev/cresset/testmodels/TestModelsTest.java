package dev.cresset.testmodels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestModelsTest {

  private static final Pattern MODEL = Pattern.compile("\"model\": \"([^\"]+)\"");
  private static final Pattern TENSOR = Pattern.compile("\"tensor\": \"([^\"]+)\"");

  @Test
  void everyListedFolderHasItsModelAndEveryTensorNamed() throws IOException {
    List<String> names = TestModels.names();
    assertTrue(names.contains("digits"), "names: " + names);
    try (TestModels models = TestModels.open()) {
      assertAll(names.stream().map(name -> () -> checkComplete(models.folder(name))));
    }
  }

  @Test
  void everyCaseFolderIsListed() throws IOException {
    try (TestModels models = TestModels.open(); Stream<Path> all = Files.walk(models.root())) {
      List<String> found = all.filter(p -> p.endsWith("case.json"))
          .map(p -> models.root().relativize(p.getParent()).toString().replace(File.separatorChar, '/'))
          .sorted().toList();
      assertEquals(found, TestModels.names());
    }
  }

  @Test
  void foldersAreCopiedOutOfAJarAndDeletedOnClose(@TempDir Path temp) throws Exception {
    Path jar = temp.resolve("models.jar");
    try (OutputStream out = Files.newOutputStream(jar); JarOutputStream zip = new JarOutputStream(out)) {
      add(zip, "TestModels.class", TestModels.class.getResourceAsStream("TestModels.class").readAllBytes());
      add(zip, "index.txt", "one/case.json\none/model.pt\n".getBytes());
      add(zip, "one/case.json", "{}".getBytes());
      add(zip, "one/model.pt", new byte[] {1, 2, 3});
    }
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      Class<?> type = loader.loadClass("dev.cresset.testmodels.TestModels");
      AutoCloseable models = (AutoCloseable) type.getMethod("open").invoke(null);
      Path folder = (Path) type.getMethod("folder", String.class).invoke(models, "one");
      assertEquals(3, Files.size(folder.resolve("model.pt")));
      models.close();
      assertFalse(Files.exists(folder));
    }
  }

  @Test
  void anUnknownNameIsRefused() throws IOException {
    try (TestModels models = TestModels.open()) {
      assertThrows(IllegalArgumentException.class, () -> models.folder("no-such-model"));
    }
  }

  private static void checkComplete(Path folder) throws IOException {
    String text = Files.readString(folder.resolve("case.json"));
    Matcher model = MODEL.matcher(text);
    assertTrue(model.find(), folder + ": case.json names no model");
    assertTrue(Files.isRegularFile(folder.resolve(model.group(1))), folder + ": no " + model.group(1));
    Matcher tensor = TENSOR.matcher(text);
    while (tensor.find()) {
      assertTrue(Files.isRegularFile(folder.resolve(tensor.group(1))), folder + ": no " + tensor.group(1));
    }
  }

  private static void add(JarOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry("dev/cresset/testmodels/" + name));
    zip.write(content);
    zip.closeEntry();
  }
}
