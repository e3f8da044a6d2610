package io.retort.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * The index of a model in several safetensors files: a JSON object whose {@code weight_map} gives each tensor's file, a
 * name in the index's own folder.
 *
 * @param shards the file's name of each tensor, in the index's order
 */
record ShardIndex(Path path, SequencedMap<String, String> shards) {
    static final String REMEDY = "fetch the index and all files it names again";

    private static final String MAP = "weight_map";
    /**
     * The names of shards that are accepted: no separators, no leading dot, nothing that a file system reads in its own
     * way.
     */
    private static final Pattern FILE_NAME = Pattern.compile("\\w[\\w.-]{0,254}");

    /**
     * Reads and checks an index.
     *
     * @throws BadInput if it is not a well-formed index, or names a file outside its folder
     */
    static ShardIndex read(MappedFile file) {
        if (file.size() > SafetensorsHeader.LONGEST) {
            throw BadInput.in(file.path(), "an index of " + file.size() + " bytes", REMEDY);
        }
        var json = new JsonInFile(file.path(), 0, file.bytes().toArray(ValueLayout.JAVA_BYTE), "the index", REMEDY);
        var shards = new LinkedHashMap<String, String>();
        json.read(() -> readMap(json, shards));
        if (shards.isEmpty()) throw BadInput.in(file.path(), "an index without a " + MAP, REMEDY);
        return new ShardIndex(file.path(), shards);
    }

    private static void readMap(JsonInFile json, SequencedMap<String, String> shards) throws IOException {
        JsonParser parser = json.parser();
        for (String key = json.nextKey(); key != null; key = json.nextKey()) {
            JsonToken value = parser.nextToken();
            if (!key.equals(MAP)) {
                parser.skipChildren();
                continue;
            }
            json.expect(JsonToken.START_OBJECT, value, MAP + " must be an object");
            for (String tensor = json.nextKey(); tensor != null; tensor = json.nextKey()) {
                String shard = json.nextString("names of files needed in " + MAP);
                if (!FILE_NAME.matcher(shard).matches()) {
                    throw json.refusal("tensor " + Quoted.name(tensor) + " in " + Quoted.name(shard)
                            + ", which is no plain name of a file beside the index");
                }
                shards.put(tensor, shard);
            }
        }
    }

    /**
     * Returns the path of a shard, which must lie in the index's folder. A link must not lead elsewhere, except to
     * where the index's own link leads, as in the cache of the Hugging Face Hub.
     *
     * @throws BadInput if it is not there
     */
    Path shard(String name) throws IOException {
        Path shard = path.resolveSibling(name);
        if (!Files.isRegularFile(shard)) {
            throw BadInput.in(path, "names the file " + Quoted.name(name) + ", which is not beside it", REMEDY);
        }
        Path folder = shard.toRealPath().getParent();
        boolean beside = folder.equals(path.toAbsolutePath().getParent().toRealPath())
                || folder.equals(path.toRealPath().getParent());
        if (!beside) {
            throw BadInput.in(path, "names the file " + Quoted.name(name) + ", a link that leads out of the folder",
                    "put the file itself there");
        }
        return shard;
    }
}
