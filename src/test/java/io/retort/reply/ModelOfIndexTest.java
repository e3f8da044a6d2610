package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.IndexJob;
import io.retort.jobs.IndexSettings;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.ModelPlace;
import io.retort.search.ResponseIndex;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** An index is opened with the model that made it, wherever both have gone, and with no other. */
@Isolated("sets retort.home")
class ModelOfIndexTest {
    private static final String HOME = "retort.home";
    private static ComputeRuntime runtime;

    @TempDir
    Path work;
    private String homeBefore;
    private ModelFolder model;
    private String fingerprint;
    private Path index;

    @BeforeAll
    static void open() {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1));
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @BeforeEach
    void makeIndex() throws IOException {
        homeBefore = System.getProperty(HOME);
        System.setProperty(HOME, work.resolve("home").toString());
        model = TinyModel.biEncoder(work.resolve("models/own"), 1);
        fingerprint = model.fingerprint();
        index = Files.createDirectories(work.resolve("bots")).resolve("tea.index");
        Path replies = Files.writeString(work.resolve("replies.txt"), "tea\nbread\n");
        new IndexJob(IndexSettings.defaults().withData(List.of(replies))).build(runtime, model.path(), index,
                Progress.NONE);
    }

    @AfterEach
    void restoreHome() {
        if (homeBefore == null) System.clearProperty(HOME);
        else System.setProperty(HOME, homeBefore);
    }

    private Path found() throws IOException {
        ModelFolder found = ModelOfIndex.find(index, _ -> {});
        assertEquals(fingerprint, found.fingerprint());
        return found.path().toAbsolutePath().normalize();
    }

    private static void move(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.move(from, to);
    }

    @Test
    void theModelIsFoundWhereItWas() throws IOException {
        try (ResponseIndex open = ResponseIndex.open(index)) {
            assertEquals("../models/own", ModelPlace.in(open).orElseThrow().text());
        }
        assertEquals(work.resolve("models/own"), found());
        try (ModelResponder responder = ModelResponder.open(runtime, ModelOfIndex.find(index, _ -> {}), index)) {
            assertEquals(2, responder.size());
        }
    }

    @Test
    void indexAndModelMayMoveTogether() throws IOException {
        move(work.resolve("models"), work.resolve("elsewhere/models"));
        move(work.resolve("bots"), work.resolve("elsewhere/bots"));
        index = work.resolve("elsewhere/bots/tea.index");
        assertEquals(work.resolve("elsewhere/models/own"), found());
    }

    @Test
    void theModelIsFoundBesideTheIndexUnderAnotherName() throws IOException {
        TinyModel.biEncoder(work.resolve("bots/another"), 2);
        move(model.path(), work.resolve("bots/renamed"));
        assertEquals(work.resolve("bots/renamed"), found());
        move(work.resolve("bots/renamed"), work.resolve("bot"));
        move(index, work.resolve("bot/tea.index"));
        index = work.resolve("bot/tea.index");
        assertEquals(work.resolve("bot"), found(), "an index within its model's folder");
    }

    @Test
    void theModelIsFoundAmongThosePulled() throws IOException {
        move(model.path(), work.resolve("home/models/own"));
        assertEquals(work.resolve("home/models/own"), found());
        assertEquals(ModelPlace.PULLED, ModelOfIndex.place(ModelFolder.open(work.resolve("home/models/own")), index));
        move(work.resolve("home/models/own"), work.resolve("home/models/renamed"));
        assertEquals(work.resolve("home/models/renamed"), found());
    }

    @Test
    void anotherModelInItsPlaceIsNotTaken() throws IOException {
        Folders.delete(model.path());
        TinyModel.biEncoder(work.resolve("models/own"), 2);
        String message = assertThrows(BadInput.class, this::found).getMessage();
        assertTrue(message.contains("tea.index") && message.contains("made with own (") && message.contains(
                work.resolve("models/own") + " is another model") && message.contains("\"model\""), message);
        assertFalse(message.contains("--"), message);
    }

    @Test
    void aModelThatIsGoneIsNamedWithItsPlace() throws IOException {
        Folders.delete(model.path());
        String message = assertThrows(BadInput.class, this::found).getMessage();
        assertTrue(message.contains("made with own (") && message.contains(work.resolve("models/own") + " is gone"),
                message);
    }

    @Test
    void aPlaceOfAnotherSystemIsNoPlace() throws IOException {
        for (String text : List.of("\0", "C:\\models\\own", "//host/models", "./" + "x/".repeat(5000))) {
            try (ResponseIndex open = ResponseIndex.open(index)) {
                new ModelPlace(text).folder(open); // whatever it is, it does not end the search
            }
        }
    }
}
