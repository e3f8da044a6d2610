package io.retort.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.files.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Files that come with Retort itself, in bundles: a trained student with replies for it, and the demo's data. {@code
 * weights/manifest.json} says how long each file is and its SHA-256. The files themselves lie in the folder {@code
 * weights} of the source tree or installation that these classes belong to, or, for a library, on the class path, in an
 * artifact of their own. A bundle is copied into a folder of the user's on first use, whole and checked or not at all.
 * Immutable; any thread, and any number of processes.
 */
public final class BundledFiles {
    /** The bundle of the student: a model folder that also holds {@value #RESPONSES}. */
    public static final String STUDENT = "retort-student";
    /** Replies for the student to choose from, one a line. */
    public static final String RESPONSES = "responses.txt";
    /** The bundle of the demo: distilled data to train on and to ask about, and a ranking test. */
    public static final String DEMO = "demo";

    private static final String MANIFEST = "/io/retort/weights/manifest.json";
    /** Where bundles lie on the class path: in their own artifact, or among Retort's classes. */
    private static final List<String> ROOTS = List.of("/io/retort/bundled/", "/io/retort/weights/");
    private static final String ARTIFACT = "io.retort:retort, classifier student";

    private final JsonNode bundles;
    private final Function<String, InputStream> resources;

    BundledFiles(JsonNode manifest, Function<String, InputStream> resources) {
        this.bundles = manifest.required("bundles");
        this.resources = resources;
    }

    /** The files of this version of Retort. */
    public static BundledFiles own() throws IOException {
        Path tree = tree();
        try (InputStream in = BundledFiles.class.getResourceAsStream(MANIFEST)) {
            return new BundledFiles(new ObjectMapper().readTree(in), name -> find(tree, name));
        }
    }

    /** A file of a bundle in the folder, else on the class path; null if it is in neither. */
    static InputStream find(Path tree, String name) {
        try {
            Path file = tree == null ? null : tree.resolve(name);
            if (file != null && Files.isRegularFile(file)) return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ROOTS.stream().map(root -> BundledFiles.class.getResourceAsStream(root + name))
                .filter(Objects::nonNull).findFirst().orElse(null);
    }

    /** The folder {@code weights} beside the folder that these classes, or their jar, lie in; null without one. */
    private static Path tree() {
        CodeSource source = BundledFiles.class.getProtectionDomain().getCodeSource();
        if (source == null || !source.getLocation().getProtocol().equals("file")) return null;
        Path classes = Path.of(URI.create(source.getLocation().toString())).toAbsolutePath();
        Path beside = classes.getParent().resolveSibling("weights");
        return Files.isDirectory(beside) ? beside : null;
    }

    /**
     * The folder of a bundle, unpacked if it is not there yet, or not whole.
     *
     * @throws BadInput if its files are nowhere, or one is not what the manifest says
     */
    public Path folder(String bundle) throws IOException {
        List<CatalogEntry.Piece> files = files(bundle);
        Sha256 digest = new Sha256();
        for (CatalogEntry.Piece file : files) digest.update(file.sha256().getBytes(StandardCharsets.US_ASCII));
        Path folder = ModelHome.root().resolve("bundled").resolve(digest.hex().substring(0, 12)).resolve(bundle);
        if (!isWhole(folder, files)) unpack(bundle, files, folder);
        return folder;
    }

    private List<CatalogEntry.Piece> files(String bundle) {
        List<CatalogEntry.Piece> files = new ArrayList<>();
        for (JsonNode file : bundles.required(bundle)) files.add(ModelCatalog.piece(file));
        return files;
    }

    private static boolean isWhole(Path folder, List<CatalogEntry.Piece> files) throws IOException {
        for (CatalogEntry.Piece file : files) {
            Path path = folder.resolve(file.entry());
            if (!Files.isRegularFile(path) || Files.size(path) != file.size()) return false;
        }
        return true;
    }

    private void unpack(String bundle, List<CatalogEntry.Piece> files, Path folder) throws IOException {
        requireThere(bundle, files);
        Files.createDirectories(folder.getParent());
        Path part = Files.createDirectory(Trees.beside(folder, "part"));
        try {
            for (CatalogEntry.Piece file : files) copy(bundle + "/" + file.entry(), part.resolve(file.entry()), file);
            Trees.replace(part, folder);
        } finally {
            Trees.delete(part);
        }
    }

    /** A library's user may have left out the artifact with the files: then all of them are missing. */
    private void requireThere(String bundle, List<CatalogEntry.Piece> files) throws IOException {
        for (CatalogEntry.Piece file : files) {
            try (InputStream in = resources.apply(bundle + "/" + file.entry())) {
                if (in != null) return;
            }
        }
        throw BadInput.of("the files of \"" + bundle + "\", which come with Retort, are not on the class path",
                "add the artifact " + ARTIFACT + ", of the version of retort itself");
    }

    private void copy(String name, Path target, CatalogEntry.Piece expected) throws IOException {
        try (InputStream in = resources.apply(name)) {
            if (in == null) throw damaged(name, "is not there");
            Files.copy(in, target);
        }
        String found = Sha256.of(target);
        if (!found.equals(expected.sha256())) throw damaged(name, "has SHA-256 " + found);
    }

    private static BadInput damaged(String name, String what) {
        return BadInput.of(
                "weights/" + name + ", which comes with Retort, " + what + ", not what weights/manifest.json says",
                "restore weights/ from the repository, and build again, or take the artifact " + ARTIFACT
                        + ", of the version of retort itself");
    }
}
