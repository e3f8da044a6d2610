package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PTX is checked in beside the CUDA sources that {@code bench/gpu/ptx} made it of; this holds them together in every
 * build, without a CUDA compiler. The first line of each says what it was made of (docs/gpu.md).
 */
class GpuCodeTest {
    private static final Path SOURCES = Path.of("src/main/cuda");
    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Pattern INCLUDE = Pattern.compile("^\\s*#\\s*include\\s*\"([^\"]*)\"", Pattern.MULTILINE);
    private static final Pattern HEADER = Pattern.compile("// retort-ptx sources=(?<sources>[0-9a-f]{64})"
            + " body=(?<body>[0-9a-f]{64}) files=(?<files>\\S+) ptx=(?<ptx>\\d+\\.\\d+) compiler=nvcc-[0-9.]+ flags=.*");

    @Test
    void everyPtxIsWhatTheCompilerMadeOfItsSource() {
        assertEquals(List.of(), faults(SOURCES, RESOURCES), "run bench/gpu/ptx");
    }

    @Test
    void aChangedSourceIsFound(@TempDir Path folder) throws IOException {
        Tree tree = Tree.sound(folder);
        assertEquals(List.of(), tree.faults());
        tree.source("a/part.cuh", "// changed\n");
        assertEquals(List.of("a/k.sm_80.ptx is not made of these sources"), tree.faults());
    }

    @Test
    void ptxEditedByHandIsFound(@TempDir Path folder) throws IOException {
        Tree tree = Tree.sound(folder);
        Path ptx = tree.resources().resolve("a/k.sm_80.ptx");
        Files.writeString(ptx, Files.readString(ptx).replace("ret;", "trap;"));
        assertEquals(List.of("a/k.sm_80.ptx was changed by hand"), tree.faults());
    }

    @Test
    void lineEndsDoNotMatter(@TempDir Path folder) throws IOException {
        Tree tree = Tree.sound(folder);
        for (Path file : List.of(tree.sources().resolve("a/k.cu"), tree.resources().resolve("a/k.sm_80.ptx"))) {
            Files.writeString(file, Files.readString(file).replace("\n", "\r\n"));
        }
        assertEquals(List.of(), tree.faults());
    }

    @Test
    void aSourceWithoutPtxAndPtxWithoutASourceAreFound(@TempDir Path folder) throws IOException {
        Tree tree = Tree.sound(folder);
        tree.source("a/new.cu", "#include \"part.cuh\"\n");
        tree.source("a/part.cuh", "#ifdef __CUDA_ARCH_FEAT_SM90_ALL\n");
        tree.ptx("a/k.sm_80.ptx", "a/k.cu", "a/part.cuh");
        tree.ptx("a/gone.sm_80.ptx", "a/k.cu", "a/part.cuh");
        assertEquals(
                List.of("a/gone.sm_80.ptx has no source", "a/k.cu has no sm_90a PTX", "a/new.cu has no sm_90a PTX"),
                tree.faults());
        tree.source("a/part.cuh", "\n");
        tree.ptx("a/k.sm_80.ptx", "a/k.cu", "a/part.cuh");
        Files.delete(tree.resources().resolve("a/gone.sm_80.ptx"));
        assertEquals(List.of("a/new.cu has no sm_80 PTX"), tree.faults());
    }

    @Test
    void anIncludedFileThatTheHeaderLeavesOutIsFound(@TempDir Path folder) throws IOException {
        Tree tree = Tree.sound(folder);
        tree.ptx("a/k.sm_80.ptx", "a/k.cu");
        assertEquals(List.of("a/k.sm_80.ptx names other files than its source includes"), tree.faults());
        Files.writeString(tree.resources().resolve("a/k.sm_80.ptx"), ".version 7.8\n");
        assertEquals(List.of("a/k.sm_80.ptx does not say what it was made of"), tree.faults());
        Files.delete(tree.sources().resolve("a/part.cuh"));
        assertThrows(UncheckedIOException.class, tree::faults);
    }

    /** Everything that is wrong, in words; sorted. */
    private static List<String> faults(Path sources, Path resources) {
        Set<String> faults = new TreeSet<>();
        List<String> cuda = namesUnder(sources, ".cu");
        List<String> ptx = namesUnder(resources, ".ptx");
        for (String source : cuda) {
            String stem = source.substring(0, source.length() - ".cu".length());
            boolean hopper = closure(sources, source).stream()
                    .anyMatch(file -> read(sources.resolve(file)).contains("__CUDA_ARCH_FEAT_SM90_ALL"));
            String target = hopper ? "sm_90a" : "sm_80";
            if (!ptx.contains(stem + "." + target + ".ptx")) faults.add(source + " has no " + target + " PTX");
        }
        for (String name : ptx) {
            String source = name.replaceFirst("\\.sm_(80|90a)\\.ptx$", ".cu");
            if (!cuda.contains(source)) faults.add(name + " has no source");
            else {
                String fault = faultOf(read(resources.resolve(name)), sources, source);
                if (fault != null) faults.add(name + fault);
            }
        }
        return List.copyOf(faults);
    }

    /** What is wrong with PTX that has a source, or null. */
    private static String faultOf(String ptx, Path sources, String source) {
        int end = ptx.indexOf('\n');
        Matcher header = HEADER.matcher(ptx.substring(0, Math.max(end, 0)));
        if (!header.matches()) return " does not say what it was made of";
        if (!header.group("body").equals(sha256(ptx.substring(end + 1)))) return " was changed by hand";
        List<String> files = closure(sources, source);
        if (!List.of(header.group("files").split(",")).equals(files)) {
            return " names other files than its source includes";
        }
        return header.group("sources").equals(digest(sources, files)) ? null : " is not made of these sources";
    }

    private static String digest(Path sources, List<String> files) {
        StringBuilder all = new StringBuilder();
        for (String file : files) all.append(file).append('\n').append(read(sources.resolve(file)));
        return sha256(all.toString());
    }

    /** The source, then whatever it and its includes include by {@code "name"}, sorted. */
    private static List<String> closure(Path sources, String source) {
        Set<String> included = new TreeSet<>();
        List<String> open = new ArrayList<>(List.of(source));
        while (!open.isEmpty()) {
            String file = open.removeLast();
            Matcher includes = INCLUDE.matcher(read(sources.resolve(file)));
            while (includes.find()) {
                String name = named(Path.of(file).resolveSibling(includes.group(1)).normalize());
                if (!name.equals(source) && included.add(name)) open.add(name);
            }
        }
        return Stream.concat(Stream.of(source), included.stream()).toList();
    }

    private static List<String> namesUnder(Path folder, String suffix) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> named(folder.relativize(file))).filter(name -> name.endsWith(suffix)).sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String named(Path relative) {
        return relative.toString().replace('\\', '/');
    }

    /** Without carriage returns, which a checkout may have put in. */
    private static String read(Path file) {
        try {
            return Files.readString(file).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Sources and PTX made up in a folder. */
    private record Tree(Path sources, Path resources) {
        /** {@code a/k.cu}, which includes {@code a/part.cuh}, and its PTX. */
        static Tree sound(Path folder) throws IOException {
            Tree tree = new Tree(folder.resolve("cuda"), folder.resolve("resources"));
            tree.source("a/k.cu", "#include \"part.cuh\"\nint k;\n");
            tree.source("a/part.cuh", "int part;\n");
            tree.ptx("a/k.sm_80.ptx", "a/k.cu", "a/part.cuh");
            return tree;
        }

        List<String> faults() {
            return GpuCodeTest.faults(sources, resources);
        }

        void source(String name, String text) throws IOException {
            Files.createDirectories(sources.resolve(name).getParent());
            Files.writeString(sources.resolve(name), text);
        }

        void ptx(String name, String... files) throws IOException {
            String body = ".version 7.8\nret;\n";
            Files.createDirectories(resources.resolve(name).getParent());
            Files.writeString(resources.resolve(name), "// retort-ptx sources=" + digest(sources, List.of(files))
                    + " body=" + sha256(body) + " files=" + String.join(",", files)
                    + " ptx=7.8 compiler=nvcc-13.0.88 flags=-O3 -gencode arch=compute_80,code=compute_80\n" + body);
        }
    }
}
