package io.retort.cli;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.Response;
import io.retort.dialogue.ResponseFile;
import io.retort.files.BadInput;
import io.retort.files.InputFile;
import io.retort.generate.TextLanguageModel;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.lm.DecoderConfig;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.ModelMemory;
import io.retort.lm.WeightStorage;
import io.retort.reply.ModelOfIndex;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.VectorHead;
import io.retort.search.ModelFingerprint;
import io.retort.search.ResponseIndex;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "inspect", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = "Tells what a file or folder is and whether it is whole: bot, model folder, response index, "
                + "weights, dialogues, ranking test, distilled data.")
final class InspectCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(ReadingSettings.class);
    private static final byte[] INDEX_MAGIC = "RETORTIX".getBytes(StandardCharsets.US_ASCII);

    private static final String SHARD_INDEX = ".safetensors.index.json";

    @Mixin
    private Output output;

    @Parameters(paramLabel = "PATH", description = "What to look at.")
    private Path path;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, ReadingSettings.class)) return 0;
        if (!Files.exists(path)) throw BadInput.in(path, "there is no such file or folder", "check the path");
        Map<String, Object> facts = new LinkedHashMap<>();
        if (BotFolder.is(path)) bot(facts);
        else if (isShardIndex()) weights(facts);
        else if (Files.isDirectory(path) && ModelFolder.isEncoder(path)) model(facts);
        else if (Files.isDirectory(path)) languageModel(facts);
        else if (startsWith(INDEX_MAGIC)) index(facts);
        else if (holdsRecords()) records(facts);
        else weights(facts);
        if (output.json) output.json(facts);
        else facts.forEach((name, value) -> output.line(text(name, value)));
        return 0;
    }

    private static String text(String name, Object value) {
        if (value instanceof List<?> lines)
            return name + ":\n  " + String.join("\n  ", lines.stream().map(String::valueOf).toList());
        if (value instanceof Map<?, ?> entries && name.equals("metadata"))
            return text(name, entries.entrySet().stream().map(e -> e.getKey() + " = " + e.getValue()).toList());
        return String.format(Locale.ROOT, "%-14s %s", name, value);
    }

    /** A bot is whole if its index is, and was made by its student. */
    private void bot(Map<String, Object> facts) throws IOException {
        BotFolder bot = BotFolder.open(path);
        ModelFolder student = bot.model();
        student.check();
        facts.put("kind", "bot: a student and the index it answers from");
        facts.put("student", bot.student().toString());
        facts.put("fingerprint", student.fingerprint());
        facts.put("index", bot.index().toString());
        try (ResponseIndex index = ResponseIndex.open(bot.index())) {
            index.requireModel(new ModelFingerprint(student.fingerprint()), student.name());
            facts.put("replies", index.count());
            facts.put("metadata", index.spec().metadata());
        }
    }

    private void model(Map<String, Object> facts) throws IOException {
        ModelFolder folder = ModelFolder.open(path);
        facts.put("kind", "model folder");
        ModelConfig config = folder.config();
        facts.put("scores", config.form().kind().name());
        facts.put("layers", config.encoder().layers());
        facts.put("dims", config.dim());
        facts.put("heads", config.encoder().heads());
        facts.put("vocabulary", config.encoder().vocabulary());
        facts.put("tied", config.tied());
        facts.put("pooling", String.join(" + ", config.head().poolings().stream().map(InspectCommand::lower).toList()));
        putHead(config, facts);
        facts.put("similarity", lower(config.similarity()));
        facts.put("output_scaling", config.outputScaling());
        facts.putAll(config.form().settings());
        facts.put("context_tokens", config.text().maxContextTokens());
        facts.put("reply_tokens", config.text().maxReplyTokens());
        if (!(config.text().contextPrefix() + config.text().replyPrefix()).isEmpty()) {
            facts.put("context_prefix", config.text().contextPrefix());
            facts.put("reply_prefix", config.text().replyPrefix());
        }
        putReport(folder.check(), facts);
        if (!folder.notes().isEmpty()) facts.put("notes", folder.notes());
        facts.put("fingerprint", folder.fingerprint());
        try (TensorFile file = folder.openWeights()) {
            facts.putAll(new WeightFacts(file).tensors());
        }
    }

    /** Adds the facts on the layers after the pooling, where there are any. */
    private static void putHead(ModelConfig config, Map<String, Object> facts) {
        List<String> layers = config.head().layers().stream().map(layer -> switch (layer) {
            case VectorHead.Dense dense -> "dense " + dense.in() + " to " + dense.out() + ", "
                    + lower(dense.activation());
            case VectorHead.Normalize _ -> "normalize";
        }).toList();
        if (!layers.isEmpty()) facts.put("layers_after_pooling", layers);
        facts.put("normalized", config.head().normalized());
    }

    /**
     * Adds the report on the model's weights. Tensors that nothing asks for are left out when the model is loaded, so
     * they are told of here.
     */
    private static void putReport(WeightReport report, Map<String, Object> facts) {
        if (!report.unexpected().isEmpty()) facts.put("unexpected", report.unexpected());
    }

    private void languageModel(Map<String, Object> facts) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(path)) {
            WeightReport report = TextLanguageModel.check(files);
            DecoderConfig config = files.config();
            facts.put("kind", "language model");
            facts.put("family", config.family().name());
            facts.put("types", files.weightFile().tensors().values().stream()
                    .collect(Collectors.groupingBy(info -> info.type().name(), TreeMap::new, Collectors.counting())));
            facts.put("layers", config.layers());
            facts.put("dims", config.dim());
            facts.put("heads", config.heads());
            facts.put("vocabulary", config.vocabulary());
            facts.put("positions", config.positions());
            facts.put("tied", config.tied());
            putReport(report, facts);
            putMemory(files, facts);
            facts.putAll(new WeightFacts(files.weightFile()).tensors());
        }
    }

    /** Adds what a language model takes in memory, for people or in bytes. */
    private void putMemory(LanguageModelFiles files, Map<String, Object> facts) {
        ModelMemory memory = files.memory();
        long cache = 1000 * memory.tokenCache();
        if (output.json) {
            Map<String, Object> bytes = new LinkedHashMap<>();
            if (memory.keepsAny()) bytes.put("file", memory.total(WeightStorage.FILE));
            bytes.put("f32", memory.total(WeightStorage.F32));
            bytes.put("cache_of_1000_tokens", cache);
            facts.put("memory", bytes);
            return;
        }
        List<String> lines = new ArrayList<>();
        if (memory.keepsAny()) lines.add(memory("file", "as the file has them", memory, WeightStorage.FILE));
        lines.add(memory("f32", "in 32 bits", memory, WeightStorage.F32));
        lines.add(gb(cache) + " more for each 1,000 tokens of a sequence in the cache");
        facts.put("memory", lines);
    }

    private static String memory(String option, String how, ModelMemory memory, WeightStorage storage) {
        return String.format(Locale.ROOT, "--weights %-5s %s, %s of them for the weights %s", option,
                gb(memory.total(storage)), gb(memory.weights(storage)), how);
    }

    private static String gb(double bytes) {
        return String.format(Locale.ROOT, bytes < 1e8 ? "%.3f GB" : "%.1f GB", bytes / (1 << 30));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The folder of the model that made the index, or that it is nowhere to be found. */
    private String modelAt() throws IOException {
        try {
            return ModelOfIndex.find(path, news -> System.err.println("retort: " + news)).path().toString();
        } catch (BadInput e) {
            return "not found";
        }
    }

    private void index(Map<String, Object> facts) throws IOException {
        try (ResponseIndex index = ResponseIndex.open(path)) {
            facts.put("kind", "response index, every checksum right");
            facts.put("replies", index.count());
            facts.put("dims", index.dims());
            facts.put("metric", lower(index.metric()));
            facts.put("format", lower(index.format()));
            facts.put("model", index.spec().model().hex());
            facts.put("model_at", modelAt());
            facts.put("metadata", index.spec().metadata());
            facts.put("bytes", Files.size(path));
        }
    }

    private void weights(Map<String, Object> facts) throws IOException {
        try (TensorFile file = TensorFile.open(path)) {
            facts.putAll(new WeightFacts(file).all());
        }
        if (facts.get("kind").toString().contains("GGUF")) putLanguageModel(facts);
    }

    /** Adds whether the file can be used as the language model that it is, or why not, and what it takes. */
    private void putLanguageModel(Map<String, Object> facts) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(path)) {
            TextLanguageModel.check(files);
            facts.put("family", files.config().family().name());
            putMemory(files, facts);
            facts.put("language_model", "usable");
        } catch (BadInput e) {
            facts.put("language_model", "not usable: " + e.getMessage());
        }
    }

    private void records(Map<String, Object> facts) throws IOException {
        SourceFile source = SourceFile.recognise(path, settings.get(ReadingSettings.class));
        switch (source.form()) {
            case DialogueFile _ -> dialogues(source, facts);
            case RankingFile format -> {
                List<RankingCase> cases = format.readAll(path);
                facts.put("kind", "ranking test");
                facts.put("contexts", cases.size());
                facts.put("candidates", cases.stream().mapToLong(c -> c.candidates().size()).sum());
            }
            case ResponseFile format -> replies(source, format, facts);
            case DistilledFile format -> {
                List<Distilled> distilled = format.readAll(path);
                facts.put("kind", "distilled data");
                facts.put("contexts", distilled.size());
                new DistilledFacts(distilled, output.json).addTo(facts);
            }
        }
    }

    private void dialogues(SourceFile source, Map<String, Object> facts) throws IOException {
        try (SourceReader<Dialogue> reader = source.dialogues()) {
            while (reader.hasNext()) reader.next();
            if (reader.records() == 0) throw BadInput.in(path, "has no dialogue", "give it one");
            ReadingReport report = reader.report();
            facts.put("kind", "dialogues");
            facts.put("dialogues", report.records());
            facts.put("turns", report.turns());
            read(source, report, facts);
        }
    }

    private void replies(SourceFile source, ResponseFile format, Map<String, Object> facts) throws IOException {
        long withMetadata = 0;
        try (SourceReader<Response> reader = source.open(format)) {
            while (reader.hasNext()) withMetadata += reader.next().metadata().isPresent() ? 1 : 0;
            facts.put("kind", source.foreign().isPresent() ? "texts, one a line" : "replies");
            facts.put(source.foreign().isPresent() ? "texts" : "replies", reader.records());
            if (source.foreign().isEmpty()) facts.put("with_metadata", withMetadata);
            read(source, reader.report(), facts);
        }
    }

    /** Adds what a file of others was taken for, and what was left out of it. */
    private void read(SourceFile source, ReadingReport report, Map<String, Object> facts) {
        if (source.foreign().isPresent()) facts.put("read_as", report.takenFor());
        if (report.skipped() > 0) facts.put("skipped", report.skipped());
        if (!report.leftOut().isEmpty()) facts.put("left_out", counts(report.leftOut()));
        if (!report.notes().isEmpty()) facts.put("notes", counts(report.notes()));
        if (!report.repliers().isEmpty()) facts.put("repliers", report.repliers());
    }

    private static List<String> counts(Map<String, Long> counts) {
        return counts.entrySet().stream().map(entry -> entry.getValue() + " " + entry.getKey()).toList();
    }

    /** Whether the path is an index of shards, or a folder of nothing but shards. */
    private boolean isShardIndex() {
        return path.getFileName() != null && path.getFileName().toString().endsWith(SHARD_INDEX)
                || Files.exists(path.resolve("model" + SHARD_INDEX))
                        && !Files.exists(path.resolve("model.safetensors"))
                        && !Files.exists(path.resolve("config.json"));
    }

    /**
     * Whether the file is to be judged as JSONL, by the very reader of the other commands: its name says so, or it
     * begins as text does. Binary formats have zeros in their first bytes, or a letter of their own at the start.
     */
    private boolean holdsRecords() throws IOException {
        if (path.toString().matches(".*\\.(jsonl|ndjson|json|txt|csv|tsv|parquet)(\\.gz|\\.zst)?")) return true;
        byte[] head = head();
        if (head.length < 2) return head.length == 1 && head[0] == '{';
        int mark = (head[0] & 0xff) << 8 | head[1] & 0xff;
        if (mark == 0x1f8b || mark == 0xefbb || mark == 0xfeff || mark == 0xfffe) return true;
        String text = new String(head, StandardCharsets.ISO_8859_1);
        return text.indexOf('\0') < 0 && (text.strip().startsWith("{") || text.strip().startsWith("["));
    }

    private boolean startsWith(byte[] magic) throws IOException {
        byte[] head = head();
        return java.util.Arrays.equals(head, 0, Math.min(head.length, magic.length), magic, 0, magic.length);
    }

    private byte[] head() throws IOException {
        try (InputStream in = InputFile.open(path)) {
            return in.readNBytes(INDEX_MAGIC.length);
        }
    }
}
