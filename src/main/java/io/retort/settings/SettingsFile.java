package io.retort.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.InputFile;
import io.retort.files.JsonFile;
import java.io.IOException;
import java.nio.file.Path;

/** A file of settings: one JSON object, in which no key comes twice. */
public final class SettingsFile {
    private static final int LARGEST = 1 << 20;
    private static final JsonMapper STRICT = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private SettingsFile() {
    }

    /**
     * Reads a file of settings as a JSON object.
     *
     * @throws BadInput if it is not there, too large, or not one JSON object
     */
    public static ObjectNode read(Path file) throws IOException {
        byte[] bytes = InputFile.bytes(file, LARGEST);
        if (!(JsonFile.parse(file, bytes) instanceof ObjectNode settings)) {
            throw BadInput.in(file, "does not hold a JSON object", "put {\"key\": value, …} there");
        }
        requireDifferentKeys(file, bytes);
        return settings;
    }

    /**
     * Refuses keys that stand twice in one object: elsewhere in JSON the last one counts, in settings it is a mistake.
     */
    private static void requireDifferentKeys(Path file, byte[] bytes) throws IOException {
        try {
            STRICT.readTree(bytes);
        } catch (JsonProcessingException e) {
            if (!e.getOriginalMessage().startsWith("Duplicate field")) return;
            throw BadInput.atLine(file, e.getLocation().getLineNr(), "a key stands there twice", "keep one of them")
                    .causedBy(e);
        }
    }
}
