package io.retort.cli;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.TextLines;
import io.retort.retrieval.RetrievalModel;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "encode", mixinStandardHelpOptions = true,
        description = "Writes the vectors of texts, one text a line, into a safetensors file: a tensor "
                + "\"vectors\" [texts, dim].")
final class EncodeCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model;
    @Mixin
    private Output output;

    @Option(names = {"-d", "--data"}, required = true, paramLabel = "FILE", description = "Texts, UTF-8, one a line.")
    private Path data;

    @Option(names = {"-o", "--out"}, required = true, paramLabel = "FILE",
            description = "The safetensors file to write.")
    private Path out;

    @Option(names = "--as", paramLabel = "SIDE", defaultValue = "reply",
            description = "Which encoder reads them: reply, or context (turns separated by tabs). Default: "
                    + "${DEFAULT-VALUE}.")
    private Side side;

    /** The two sides of a model, for which texts can be encoded. */
    enum Side {
        REPLY, CONTEXT
    }

    @Override
    public Integer call() throws IOException {
        // Before the long work, not after it.
        if (Files.isDirectory(out)) throw BadInput.in(out, "is a folder", "name the file to write");
        List<String> texts = read();
        float[][] vectors;
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("encode", "texts", status).begun();
                RetrievalModel loaded = model.load(model.folder());
                Interruption _ = Interruption.losing(status)) {
            vectors = switch (side) {
                case REPLY -> loaded.publishedReplies(texts, progress);
                case CONTEXT -> contexts(loaded, texts, progress);
            };
        }
        int dim = vectors[0].length;
        float[] flat = new float[Math.multiplyExact(vectors.length, dim)];
        for (int i = 0; i < vectors.length; i++) System.arraycopy(vectors[i], 0, flat, i * dim, dim);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("vectors", Tensor.of(flat, vectors.length, dim));
        SafetensorsWriter.write(out, tensors, Map.of());
        if (output.json) output.json(Map.of("texts", vectors.length, "dim", dim, "out", out.toString()));
        else output.line(out + ": " + vectors.length + " vectors of " + dim);
        return 0;
    }

    private static float[][] contexts(RetrievalModel model, List<String> texts, ProgressLine progress) {
        if (!model.config().form().contextVectors().isEmpty()) {
            throw BadInput.of("a " + model.config().form().kind().name() + " has no single vector for a context",
                    "use a bi-encoder");
        }
        List<int[]> ids = new ArrayList<>();
        for (String text : texts) ids.add(model.inputs().context(new Context(Arrays.asList(text.split("\t")))));
        return model.publishedContexts(ids, progress);
    }

    private List<String> read() throws IOException {
        List<String> texts = new ArrayList<>();
        try (TextLines lines = TextLines.openVerbatim(data)) {
            while (lines.hasNext()) texts.add(lines.nextFilled());
        }
        if (texts.isEmpty()) throw BadInput.in(data, "is empty", "put one text on each line");
        return texts;
    }
}
