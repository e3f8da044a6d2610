package io.retort.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.graph.Engine;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tiny random encoder–decoder and what transformers says of it ({@code bench/peers/seq2seq_golden.py}).
 *
 * @param logits    after each token of a reply but the last, of the first few sources, {@code [rows * vocabulary]}
 * @param gradients of the mean loss of these replies, by published names
 */
public record TinySeq2Seq(Path folder, List<int[]> sources, List<int[]> replies, List<float[]> logs,
        List<float[]> logits, double loss, Map<String, float[]> gradients, List<int[]> beams, List<int[]> greedy,
        List<Text> texts) {
    public static final List<String> NAMES = List.of("bart", "blenderbot", "blenderbot-small");

    /**
     * A text as the model's tokenizer cuts it.
     *
     * @param ids without special tokens around it
     */
    public record Text(String text, int[] ids, String decoded) {
    }

    /** Reads the fixture of a family. */
    public static TinySeq2Seq of(String name) throws IOException {
        Path folder = Path.of("src/test/resources/io/retort/lm/seq2seq", name);
        JsonNode json = new ObjectMapper().readTree(folder.resolve("golden.json").toFile());
        List<float[]> logs = new ArrayList<>(), logits = new ArrayList<>();
        for (JsonNode reply : json.get("logs")) {
            float[] values = new float[reply.size()];
            for (int i = 0; i < values.length; i++) values[i] = reply.get(i).floatValue();
            logs.add(values);
        }
        Map<String, float[]> gradients = new TreeMap<>();
        try (TensorFile file = TensorFile.open(folder.resolve("golden.safetensors"))) {
            for (int i = 0; i < logs.size(); i++) logits.add(file.read("logits." + i).toFloats());
            for (String tensor : file.tensors().keySet()) {
                if (tensor.startsWith("gradient.")) gradients.put(tensor.substring(9), file.read(tensor).toFloats());
            }
        }
        List<Text> texts = new ArrayList<>();
        for (JsonNode text : json.get("texts")) {
            texts.add(new Text(text.get("text").textValue(), ids(text.get("bare")), text.get("decoded").textValue()));
        }
        return new TinySeq2Seq(folder, lists(json.get("sources")), lists(json.get("replies")), logs, logits,
                json.get("loss").doubleValue(), gradients, lists(json.get("beams")), lists(json.get("greedy")), texts);
    }

    private static List<int[]> lists(JsonNode json) {
        List<int[]> lists = new ArrayList<>();
        json.forEach(list -> lists.add(ids(list)));
        return lists;
    }

    private static int[] ids(JsonNode json) {
        return json.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    /** Opens the fixture's folder and loads its model into an engine. */
    public LanguageModel load(Engine engine) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(folder)) {
            return files.load(engine);
        }
    }
}
