package io.retort.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Files that come with Retort itself, in bundles: a trained student with replies for it, and the demo's data. {@code
 * weights/manifest.json} says how long each file is and its SHA-256; {@link BundleSearch} says where the files are
 * found. A bundle is copied into a folder of the user's on first use, whole and checked or not at all.
 * Immutable; any thread, and any number of processes.
 */
public final class BundledFiles {
    /** The bundle of the student: a model folder that also holds {@value #RESPONSES} and {@value #VECTORS}. */
    public static final String STUDENT = "retort-student";
    /** Replies for the student to choose from, with the contexts that they were written for: distilled data. */
    public static final String RESPONSES = "responses.jsonl.gz";
    /** The vectors that the bundled student makes of {@value #RESPONSES}, keyed by both reply and context. */
    public static final String VECTORS = "responses.safetensors";
    /** The bundle of the demo: distilled data to train on and to ask about, and a ranking test. */
    public static final String DEMO = "demo";

    private final JsonNode bundles;
    private final Source resources;

    BundledFiles(JsonNode manifest, Source resources) {
        this.bundles = manifest.required("bundles");
        this.resources = resources;
    }

    /** The bundles that belong to this version of Retort, by its manifest. */
    public static BundledFiles own() throws IOException {
        try (InputStream in = BundledFiles.class.getResourceAsStream("/" + BundleSearch.ROOT + "manifest.json")) {
            return new BundledFiles(new ObjectMapper().readTree(in), BundleSearch.own()::find);
        }
    }

    /** A place where files of bundles are found, each by the name of its bundle and its own. */
    interface Source {
        /** Opens a file of a bundle; null if this source does not hold it. */
        InputStream open(String name) throws IOException;
    }

    /**
     * The folder of a bundle, unpacked if it is not there yet, or not whole.
     *
     * @throws BadInput if its files are nowhere, or one is not what the manifest says
     */
    public Path folder(String bundle) throws IOException {
        List<CatalogEntry.PackedFile> files = files(bundle);
        Sha256 digest = new Sha256();
        for (CatalogEntry.PackedFile file : files) digest.update(file.sha256().getBytes(StandardCharsets.US_ASCII));
        Path folder = ModelHome.root().resolve("bundled").resolve(digest.hex().substring(0, 12)).resolve(bundle);
        if (!isWhole(folder, files)) unpack(bundle, files, folder);
        return folder;
    }

    private List<CatalogEntry.PackedFile> files(String bundle) {
        List<CatalogEntry.PackedFile> files = new ArrayList<>();
        for (JsonNode file : bundles.required(bundle)) files.add(ModelCatalog.piece(file));
        return files;
    }

    private static boolean isWhole(Path folder, List<CatalogEntry.PackedFile> files) throws IOException {
        for (CatalogEntry.PackedFile file : files) {
            Path path = folder.resolve(file.entry());
            if (!Files.isRegularFile(path) || Files.size(path) != file.size()) return false;
        }
        return true;
    }

    private void unpack(String bundle, List<CatalogEntry.PackedFile> files, Path folder) throws IOException {
        requireThere(bundle, files);
        Files.createDirectories(folder.getParent());
        Path part = Files.createDirectory(Folders.beside(folder, "part"));
        try {
            for (CatalogEntry.PackedFile file : files)
                copy(bundle + "/" + file.entry(), part.resolve(file.entry()), file);
            Folders.replace(part, folder);
        } finally {
            Folders.delete(part);
        }
    }

    /**
     * Refuses a bundle whose files are all missing, as they are where a library's user left out the artefact that holds
     * them.
     */
    private void requireThere(String bundle, List<CatalogEntry.PackedFile> files) throws IOException {
        for (CatalogEntry.PackedFile file : files) {
            try (InputStream in = resources.open(bundle + "/" + file.entry())) {
                if (in != null) return;
            }
        }
        throw BadInput.of("the files of \"" + bundle + "\", which come with Retort, are not on the class path",
                "add " + artefact(bundle));
    }

    /** The artefact that holds a bundle, named so that a library's user can add it to a build. */
    static String artefact(String bundle) {
        return "the artefact io.retort:retort with the classifier " + (bundle.equals(STUDENT) ? "student" : "cli")
                + ", of the version of retort itself";
    }

    private void copy(String name, Path target, CatalogEntry.PackedFile expected) throws IOException {
        try (InputStream in = resources.open(name)) {
            if (in == null) throw damaged(name, "is not there");
            Files.copy(in, target);
        }
        String found = Sha256.of(target);
        if (!found.equals(expected.sha256())) throw damaged(name, "has SHA-256 " + found);
    }

    private static BadInput damaged(String name, String what) {
        return BadInput.of(
                "weights/" + name + ", which comes with Retort, " + what + ", not what weights/manifest.json says",
                "restore weights/ from the repository and build again, or take "
                        + artefact(name.substring(0, name.indexOf('/'))));
    }
}
