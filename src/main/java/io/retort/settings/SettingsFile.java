package io.retort.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of settings: one JSON object, read strictly. */
public final class SettingsFile {
    private static final long LARGEST = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private SettingsFile() {
    }

    /**
     * Reads a file.
     *
     * @throws BadInput if it is not there, too large, or not one JSON object
     */
    public static ObjectNode read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) throw BadInput.in(file, "there is no such file", "check the path");
        if (Files.size(file) > LARGEST) throw BadInput.in(file, "is larger than settings can be", "check the path");
        try {
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode settings) return settings;
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw BadInput.atLine(file, line, "is not valid JSON: " + e.getOriginalMessage(), "mend the file")
                    .causedBy(e);
        }
        throw BadInput.in(file, "does not hold a JSON object", "put {\"key\": value, …} there");
    }
}
