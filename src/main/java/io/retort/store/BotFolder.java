package io.retort.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A student together with the replies that it answers with: a folder whose {@code bot.json} names the student's folder
 * and the index inside it. Whatever opens a bot needs to be told no more than its path.
 *
 * @param path    the folder
 * @param student the folder of the student, inside it
 * @param index   the response index that this student made, inside it
 */
public record BotFolder(Path path, Path student, Path index) {
    /** The file that makes a folder a bot's. */
    public static final String NAME = "bot.json";
    private static final String FORMAT = "format", KIND = "retort-bot", VERSION = "version";
    private static final int CURRENT = 1;
    private static final int LARGEST = 1 << 16;

    /** Returns whether a path is a folder that says it is a bot's. */
    public static boolean is(Path path) {
        return Files.isRegularFile(path.resolve(NAME));
    }

    /**
     * Opens a bot's folder by reading what it says of itself; model and index are not read.
     *
     * @throws BadInput if it is none, or names files that are not in it
     */
    public static BotFolder open(Path path) throws IOException {
        Path file = path.resolve(NAME);
        if (!is(path)) {
            throw BadInput.in(path, "is no bot: " + NAME + " is missing", "make one with `retort distill`");
        }
        JsonNode json = JsonFile.read(file, LARGEST);
        if (!json.path(FORMAT).asText().equals(KIND)) {
            throw BadInput.in(file, "does not say \"format\": \"" + KIND + "\"", "make the bot with `retort distill`");
        }
        if (json.path(VERSION).asInt() != CURRENT) {
            throw BadInput.in(file, "is of version " + json.path(VERSION).asText("unknown") + ", and this is for "
                    + CURRENT, "use the version of Retort that wrote it");
        }
        BotFolder bot = new BotFolder(path, inside(path, json, "student", file), inside(path, json, "index", file));
        if (!Files.isDirectory(bot.student)) throw missing(file, bot.student);
        if (!Files.isRegularFile(bot.index)) throw missing(file, bot.index);
        return bot;
    }

    private static BadInput missing(Path file, Path named) {
        return BadInput.in(file, "names " + named.getFileName() + ", which is not there",
                "run the same `retort distill` again, which makes what lacks");
    }

    /** A plain name, so that a folder of anybody's leads nowhere else. */
    private static Path inside(Path folder, JsonNode json, String key, Path file) {
        String name = json.path(key).asText("");
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
            throw BadInput.in(file, "\"" + key + "\" is \"" + name + "\"", "give the name of something in this folder");
        }
        return folder.resolve(name);
    }

    /** Makes a folder a bot's by writing what it says of itself. */
    public static BotFolder write(Path path, String student, String index) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        String json = mapper.writerWithDefaultPrettyPrinter().writeValueAsString(mapper.createObjectNode()
                .put(FORMAT, KIND).put(VERSION, CURRENT).put("student", student).put("index", index));
        AtomicFile.write(path.resolve(NAME), (json + "\n").getBytes(StandardCharsets.UTF_8));
        return open(path);
    }

    /** Opens the student's folder. */
    public ModelFolder model() throws IOException {
        return ModelFolder.open(student);
    }
}
