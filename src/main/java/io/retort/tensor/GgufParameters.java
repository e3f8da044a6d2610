package io.retort.tensor;

import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * Gives a GGUF file's tensors the names and layouts of the module they were converted from, by its architecture. A
 * tensor that the module has not ({@code rope_freqs.weight}) keeps its own name, which tells an importer that it is
 * left over.
 */
final class GgufParameters {
    private final Path path;
    private final GgufMetadata metadata;
    private final GgufNaming naming;

    private GgufParameters(Path path, GgufMetadata metadata, List<GgufNaming> namings) {
        this.path = path;
        this.metadata = metadata;
        String key = metadata.architecture();
        this.naming = GgufNaming.of(key, namings)
                .orElseThrow(() -> BadInput.in(path, "a model of the architecture " + Quoted.name(key),
                        "supported are " + GgufNaming.supported(namings)));
    }

    /**
     * Returns every tensor by its parameter's name, in the file's order; unmodifiable.
     *
     * @param namings of the architectures that are known
     * @throws BadInput if the architecture is unknown, the file is a part of a model, or its metadata and tensors do
     *     not agree
     */
    static SequencedMap<String, GgufParameter> of(GgufHeader header, Path path, List<GgufNaming> namings) {
        long parts = header.metadata().integer("split.count").orElse(1);
        if (parts > 1) {
            throw BadInput.in(path, "one of the " + parts + " parts of a model",
                    "join them with `llama-gguf-split --merge`");
        }
        var named = new GgufParameters(path, header.metadata(), namings);
        var parameters = new LinkedHashMap<String, GgufParameter>();
        for (GgufEntry entry : header.entries().values()) {
            GgufParameter parameter = named.parameter(entry);
            if (parameters.put(parameter.name(), parameter) != null) {
                throw BadInput.atOffset(path, entry.at(),
                        "two tensors for the parameter " + Quoted.name(parameter.name()), GgufCursor.REMEDY);
            }
        }
        return Collections.unmodifiableSequencedMap(parameters);
    }

    private GgufParameter parameter(GgufEntry entry) {
        TensorInfo tensor = entry.info();
        return naming.parameterOf(tensor.name())
                .map(name -> new GgufParameter(name, entry, layout(entry)))
                .orElse(new GgufParameter(tensor.name(), entry, new GgufLayout.Same()));
    }

    private GgufLayout layout(GgufEntry entry) {
        if (naming.isTransposed(entry.info())) return new GgufLayout.Transposed();
        return naming.interleavedHeads(entry.info())
                .<GgufLayout>map(key -> new GgufLayout.Interleaved(heads(entry, key)))
                .orElse(new GgufLayout.Same());
    }

    /**
     * Returns how many heads the rows of a tensor make. Without a count of key heads, each query's head has keys of its
     * own.
     */
    private int heads(GgufEntry entry, String suffix) {
        String all = metadata.key("attention.head_count");
        OptionalLong own = metadata.ofAllLayers(metadata.key(suffix));
        long heads = own.orElseGet(() -> metadata.ofAllLayers(all).orElseThrow(() -> metadata.missing(all)));
        Shape shape = entry.info().shape();
        if (shape.rank() == 0 || heads < 1 || heads > Integer.MAX_VALUE || shape.dim(0) % (2 * heads) != 0) {
            throw BadInput.atOffset(path, entry.at(),
                    "tensor " + Quoted.name(entry.info().name()) + shape + " cannot be " + heads
                            + " heads of an even size, as " + metadata.key(suffix) + " says",
                    GgufCursor.REMEDY);
        }
        return (int) heads;
    }
}
