package io.retort.tensor;

import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * A GGUF file, llama.cpp's format: weights, often quantised, and metadata with everything else of a model, such as its
 * vocabulary. Plain elements are slices of the mapping; quantised ones ({@link QuantizedType}) are read as F32, or
 * handed out as the blocks they are. Tensors of a type that Retort has not are listed and refused when read.
 *
 * <p>{@link #parameters()} are named and laid out as transformers has them, for the architectures whose {@link GgufNaming} the
 * file is opened with. Rows that llama.cpp interleaves for its way to rotate them are put back into the order of the two
 * halves of each head; Conv1D weights, which it transposes, are {@code [in, out]} again. Opened without namings, a file
 * has its tensors for parameters.
 */
public final class GgufFile implements TensorFile {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final MappedFile file;
    private final GgufHeader header;
    private final SequencedMap<String, TensorInfo> tensors;
    private final List<GgufNaming> namings;
    private SequencedMap<String, GgufParameter> parameters;

    /**
     * Opens a file whose parameters are to have the file's own names and layouts.
     *
     * @throws BadInput if there is no such file, or it is not well-formed GGUF of version 2 or 3
     */
    public static GgufFile open(Path path) throws IOException {
        return open(path, List.of());
    }

    /**
     * Opens a file whose parameters are to have the names and layouts of the module that it was converted from.
     *
     * @param namings of the architectures whose parameters are known
     * @throws BadInput if there is no such file, or it is not well-formed GGUF of version 2 or 3
     */
    public static GgufFile open(Path path, List<GgufNaming> namings) throws IOException {
        return MappedFile.open(path, file -> {
            if (FileFormat.of(file) == FileFormat.GGUF) return new GgufFile(file, namings);
            throw BadInput.in(path, "not a GGUF file", "name the model's .gguf file");
        });
    }

    GgufFile(MappedFile file, List<GgufNaming> namings) {
        this.file = file;
        this.namings = List.copyOf(namings);
        this.header = GgufHeader.read(file);
        var infos = new LinkedHashMap<String, TensorInfo>();
        header.entries().forEach((name, entry) -> infos.put(name, entry.info()));
        this.tensors = Collections.unmodifiableSequencedMap(infos);
    }

    @Override
    public Path path() {
        return file.path();
    }

    /** Returns the version of the format, 2 or 3. */
    public int version() {
        return header.version();
    }

    /** Returns what the file says of its model; it can be read while the file is open. */
    public GgufMetadata metadata() {
        return header.metadata();
    }

    /** {@inheritDoc} Tensors that are stored as quantised blocks are listed as F32. */
    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return tensors;
    }

    /**
     * Returns ggml's name of the type in which a tensor is stored, such as {@code Q4_K} or {@code F32}.
     *
     * @throws BadInput if the file has no such tensor
     */
    public String storedType(String name) {
        return entry(name).typeName();
    }

    /** Returns whether {@link #read} can read the tensor, which depends on its stored type. */
    public boolean isReadable(String name) {
        return entry(name).isReadable();
    }

    /** {@inheritDoc} Quantised tensors are dequantised at each call, into an F32 copy on the heap. */
    @Override
    public Tensor read(String name) {
        return elements(entry(name), new GgufLayout.Same());
    }

    /**
     * Returns a quantised tensor as it is stored, mapped; empty for a tensor of plain elements.
     *
     * @throws BadInput if the file has no such tensor, or its elements cannot be read
     */
    public Optional<QuantizedTensor> blocks(String name) {
        return quantized(entry(name), new GgufLayout.Same(), RotaryRows::onHeap);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInput if the architecture is not one of those that the file was opened with, or the file is one part of
     *     a split model
     */
    @Override
    public SequencedMap<String, TensorInfo> parameters() {
        if (namings.isEmpty()) return tensors;
        var infos = new LinkedHashMap<String, TensorInfo>();
        named().forEach((name, parameter) -> infos.put(name, parameter.info()));
        return Collections.unmodifiableSequencedMap(infos);
    }

    /** {@inheritDoc} Quantised and rearranged parameters are copies on the heap, made at each call. */
    @Override
    public Tensor parameter(String name) {
        if (namings.isEmpty()) return read(name);
        GgufParameter parameter = named(name);
        Tensor stored = elements(parameter.entry(), parameter.layout());
        return parameter.layout() instanceof GgufLayout.Transposed ? stored.transposed() : stored;
    }

    /**
     * Returns one of {@link #parameters()} as quantised blocks, mapped, or, where the module has its rows in another
     * order, in a copy off the heap that lives as long as the file is open. It is empty for a
     * parameter of plain elements, and for Conv1D weights, whose rows are not those of the file.
     *
     * @throws BadInput where {@link #parameter} throws it
     */
    public Optional<QuantizedTensor> parameterBlocks(String name) {
        if (namings.isEmpty()) return blocks(name);
        GgufParameter parameter = named(name);
        if (parameter.layout() instanceof GgufLayout.Transposed) return Optional.empty();
        return quantized(parameter.entry(), parameter.layout(), file.arena()::allocate);
    }

    @Override
    public ParameterValue storedParameter(String name) {
        return parameterBlocks(name).<ParameterValue>map(Function.identity()).orElseGet(() -> parameter(name));
    }

    /**
     * Returns in which blocks {@link #parameterBlocks} gives a parameter, without reading it; empty where it gives none.
     */
    public Optional<QuantizedType> quantizationOf(String parameter) {
        if (namings.isEmpty()) return entry(parameter).type().flatMap(GgufType::quantized);
        GgufParameter named = named(parameter);
        return named.layout() instanceof GgufLayout.Transposed
                ? Optional.empty()
                : named.entry().type().flatMap(GgufType::quantized);
    }

    private Tensor elements(GgufEntry entry, GgufLayout layout) {
        Optional<QuantizedTensor> quantized = quantized(entry, layout, RotaryRows::onHeap);
        if (quantized.isPresent() || layout instanceof GgufLayout.Transposed) checkFitsArray(entry);
        return quantized.map(QuantizedTensor::dequantized).orElseGet(
                () -> new Tensor(entry.info().type(), entry.info().shape(), bytes(entry, layout, RotaryRows::onHeap)));
    }

    /** @param memory for a copy, where rows are to be rearranged */
    private Optional<QuantizedTensor> quantized(GgufEntry entry, GgufLayout layout,
            LongFunction<MemorySegment> memory) {
        if (!entry.isReadable()) {
            throw BadInput.atOffset(path(), entry.at(),
                    "tensor " + Quoted.name(entry.info().name()) + " is stored as " + entry.typeName(),
                    "supported are " + GgufType.SUPPORTED + ": quantise the model to one of them");
        }
        return entry.type().flatMap(GgufType::quantized)
                .map(type -> new QuantizedTensor(type, entry.info().shape(), bytes(entry, layout, memory)));
    }

    /** Returns the bytes of a tensor, with its rows in the module's order. */
    private MemorySegment bytes(GgufEntry entry, GgufLayout layout, LongFunction<MemorySegment> memory) {
        MemorySegment stored = header.bytes(file, entry);
        if (!(layout instanceof GgufLayout.Interleaved(int heads))) return stored;
        checkFitsArray(entry);
        return RotaryRows.halves(stored, entry.info().shape().dim(0), heads, memory);
    }

    /** Refuses a tensor that is to be copied to the heap and does not fit an array. */
    private void checkFitsArray(GgufEntry entry) {
        if (entry.info().shape().size() <= LARGEST_ARRAY) return;
        throw BadInput.atOffset(path(), entry.at(), "tensor " + Quoted.name(entry.info().name())
                + entry.info().shape() + " has more elements than an array", "use a smaller model");
    }

    private GgufEntry entry(String name) {
        GgufEntry entry = header.entries().get(name);
        if (entry == null) throw TensorInfo.missing(name, tensors, path());
        return entry;
    }

    private GgufParameter named(String name) {
        GgufParameter parameter = named().get(name);
        if (parameter == null) throw TensorInfo.missing(name, parameters(), path());
        return parameter;
    }

    /**
     * Returns the parameters by name. Names are made when they are first asked for, so that a file of an unknown
     * architecture can still be looked at.
     */
    private synchronized SequencedMap<String, GgufParameter> named() {
        if (parameters == null) parameters = GgufParameters.of(header, path(), namings);
        return parameters;
    }

    @Override
    public void close() {
        file.close();
    }
}
