package io.retort.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets maven.repo.local")
class MavenArtifactTest {
    private static final String COORDINATES = "org.example:weights:1.0";
    private static final String ENTRY = "weights-of-this-test.bin";

    @TempDir
    Path root;
    private Path repository;
    private Path jar;
    private Path target;

    @BeforeEach
    void place() throws IOException {
        repository = Files.createDirectory(root.resolve("repository"));
        jar = repository.resolve("org/example/weights/1.0/weights-1.0.jar");
        target = root.resolve("out.bin");
    }

    @Test
    void anEntryComesOutOfTheLocalRepository() throws IOException {
        writeJar(jar);
        MavenArtifact artifact = artifact("no-such-command");
        assertTrue(artifact.isLocal(ENTRY));
        artifact.extract(ENTRY, target);
        assertEquals("content", Files.readString(target));
    }

    @Test
    void theLocalRepositoryIsTheOneThatMavensOwnPropertyNames() throws IOException {
        writeJar(jar);
        String before = System.getProperty("maven.repo.local");
        System.setProperty("maven.repo.local", repository.toString());
        try {
            new MavenArtifact(COORDINATES).extract(ENTRY, target);
            assertEquals("content", Files.readString(target));
        } finally {
            if (before == null) System.clearProperty("maven.repo.local");
            else System.setProperty("maven.repo.local", before);
        }
    }

    @Test
    void aJarWithoutTheEntryIsNamed() throws IOException {
        writeJar(jar);
        assertRefused(artifact("no-such-command"), "other.bin", jar + ": has no entry other.bin");
    }

    @Test
    void aDamagedJarIsNamed() throws IOException {
        Files.createDirectories(jar.getParent());
        Files.writeString(jar, "this is no jar");
        assertRefused(artifact("no-such-command"), ENTRY, jar + ": is damaged: ");
    }

    @Test
    void withoutMavenTheRemedyIsNamed() {
        assertFalse(artifact("no-such-command").isLocal(ENTRY));
        assertRefused(artifact("no-such-command"), ENTRY, COORDINATES + " is not here and mvn does not start");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aMavenThatFailsIsToldAsSuch() {
        assertRefused(artifact("false"), ENTRY, COORDINATES + " is not here and Maven cannot fetch it");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aMavenThatSucceedsWithoutTheJarIsNotBelieved() {
        assertRefused(artifact("true"), ENTRY, COORDINATES + " is not here and Maven cannot fetch it");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void mavenFetchesTheArtifactIntoThisRepository() throws IOException {
        Path prepared = root.resolve("prepared.jar");
        writeJar(prepared);
        String script = "echo \"$@\" > '" + root.resolve("arguments") + "'; mkdir -p '" + jar.getParent() + "'; cp '"
                + prepared + "' '" + jar + "'";
        artifact("sh", "-c", script, "mvn").extract(ENTRY, target);
        assertEquals("content", Files.readString(target));
        String arguments = Files.readString(root.resolve("arguments"));
        assertTrue(arguments.contains("-Dartifact=" + COORDINATES), arguments);
        assertTrue(arguments.contains("-Dmaven.repo.local=" + repository), arguments);
    }

    private MavenArtifact artifact(String... maven) {
        return new MavenArtifact(COORDINATES, repository, List.of(maven));
    }

    private void assertRefused(MavenArtifact artifact, String entry, String problem) {
        String message = assertThrows(BadInput.class, () -> artifact.extract(entry, target)).getMessage();
        assertTrue(message.startsWith(problem), message);
        assertFalse(Files.exists(target));
    }

    private static void writeJar(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            zip.putNextEntry(new ZipEntry(ENTRY));
            zip.write("content".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }
}
