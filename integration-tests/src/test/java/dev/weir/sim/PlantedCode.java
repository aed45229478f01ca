// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// All of Weir, the simulator included, with one source changed: compiled in memory, loaded anew
/// beside the real one.
final class PlantedCode extends ClassLoader {

    private static final String OURS = "dev.weir.";
    private static final Map<String, byte[]> REAL = new ConcurrentHashMap<>();

    private final Map<String, byte[]> planted;

    private PlantedCode(Map<String, byte[]> planted) {
        super(PlantedCode.class.getClassLoader());
        this.planted = planted;
    }

    /// Patches and compiles.
    ///
    /// @throws IllegalStateException if the text does not stand in the source exactly once, or what
    ///   comes out does not compile
    static PlantedCode of(Plant plant) {
        var source = root().resolve(plant.file());
        try {
            var text = Files.readString(source);
            var at = text.indexOf(plant.text());
            if (at < 0 || text.indexOf(plant.text(), at + 1) >= 0) {
                throw new IllegalStateException(
                        plant.name() + ": not exactly once in " + plant.file());
            }
            var patched =
                    text.substring(0, at)
                            + plant.instead()
                            + text.substring(at + plant.text().length());
            return new PlantedCode(compile(plant, patched));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        var given = System.getProperty("sim.root");
        var here = Path.of(given == null ? "" : given).toAbsolutePath();
        while (!Files.isDirectory(here.resolve("broker-node"))) {
            here = here.getParent();
            if (here == null) {
                throw new IllegalStateException("not below the root of the repository");
            }
        }
        return here;
    }

    private static Map<String, byte[]> compile(Plant plant, String text) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new DiagnosticCollector<JavaFileObject>();
        var classes = new HashMap<String, byte[]>();
        var source =
                new SimpleJavaFileObject(
                        URI.create("mem:///" + plant.className().replace('.', '/') + ".java"),
                        JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                };
        try (var files =
                new ForwardingJavaFileManager<JavaFileManager>(
                        compiler.getStandardFileManager(problems, null, null)) {
                    @Override
                    public JavaFileObject getJavaFileForOutput(
                            Location location,
                            String className,
                            JavaFileObject.Kind kind,
                            FileObject sibling) {
                        return new InMemory(className, classes);
                    }
                }) {
            var options =
                    List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"));
            if (!compiler.getTask(null, files, problems, options, null, List.of(source)).call()) {
                throw new IllegalStateException(plant.name() + ": " + problems.getDiagnostics());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return classes;
    }

    private static final class InMemory extends SimpleJavaFileObject {
        private final String className;
        private final Map<String, byte[]> classes;

        InMemory(String className, Map<String, byte[]> classes) {
            super(URI.create("mem:///" + className + ".class"), JavaFileObject.Kind.CLASS);
            this.className = className;
            this.classes = classes;
        }

        @Override
        public OutputStream openOutputStream() {
            return new ByteArrayOutputStream() {
                @Override
                public void close() {
                    classes.put(className, toByteArray());
                }
            };
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            var bytes = planted.getOrDefault(name, null);
            if (bytes == null) {
                bytes = REAL.computeIfAbsent(name, this::read);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    private byte[] read(String name) {
        try (var in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new IllegalStateException("no class " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs seeds on it until one breaks an invariant.
    ///
    /// @return the seed and what it broke; `0` if none of them does
    String firstViolation(long most) {
        try {
            return (String)
                    loadClass(Seeds.class.getName())
                            .getMethod("firstViolation", long.class)
                            .invoke(null, most);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
