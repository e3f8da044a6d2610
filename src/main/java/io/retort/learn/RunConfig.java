package io.retort.learn;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.settings.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** Reads and compares the effective settings of a training run, which its folder keeps as JSON. */
public final class RunConfig {
    static final String NAME = "config.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RunConfig() {
    }

    static Path file(Path folder) {
        return folder.resolve(RunFolder.TRAINING).resolve(NAME);
    }

    /**
     * The settings as they are after they were written to JSON and read again, so that their numbers compare as JSON
     * tells them apart.
     */
    static ObjectNode normal(ObjectNode config) throws IOException {
        return (ObjectNode) JSON.readTree(JSON.writeValueAsBytes(config));
    }

    /**
     * Reads the settings that a run's folder keeps.
     *
     * @throws BadInput if the folder holds no run
     */
    public static ObjectNode read(Path folder) throws IOException {
        Path file = file(folder);
        if (!Files.isRegularFile(file)) {
            throw BadInput.in(folder, "holds no training run", "name a folder of `retort train`");
        }
        return SettingsFile.read(file);
    }

    /**
     * Refuses to resume a run with settings other than those it was begun with.
     *
     * @param file where these are kept
     * @param free settings that may differ
     * @throws BadInput naming the first that may not
     */
    public static void requireSame(Path file, ObjectNode begun, ObjectNode config, Set<String> free)
            throws IOException {
        ObjectNode then = normal(begun), now = normal(config);
        Set<String> names = new LinkedHashSet<>();
        then.fieldNames().forEachRemaining(names::add);
        now.fieldNames().forEachRemaining(names::add);
        names.removeAll(free);
        for (String name : names) {
            if (then.path(name).equals(now.path(name))) continue;
            throw BadInput.in(file, "the run was begun with " + told(name, then) + ", not " + told(name, now),
                    "resume it with that, or use another \"out\"");
        }
    }

    private static String told(String name, ObjectNode config) {
        JsonNode value = config.path(name);
        return value.isMissingNode() ? "no " + name : name + " " + value;
    }
}
