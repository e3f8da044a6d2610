package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DialogueLine;
import io.retort.dialogue.RecordFile;
import io.retort.dialogue.RecordReader;
import io.retort.dialogue.Response;
import io.retort.dialogue.ResponseFile;
import io.retort.files.BadInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A file that a user names, with what it was taken for: one of our own formats, or a {@linkplain ConversationFormat
 * format of others}, whose records come as if they were ours. Immutable; any thread may open it.
 */
public final class SourceFile {
    /** The name by which the setting {@code format} chooses our own formats. */
    public static final String OURS = "retort";

    private final Path file;
    private final ReadingSettings settings;
    private final RecordFile<?> form;
    private final Optional<ConversationFormat> foreign;
    private final Sample sample;

    private SourceFile(Sample sample, RecordFile<?> form, Optional<ConversationFormat> foreign) {
        this.file = sample.file();
        this.settings = sample.settings();
        this.sample = sample;
        this.form = form;
        this.foreign = foreign;
    }

    /**
     * Finds out by its content what a file is.
     *
     * @throws Undecided if it could be several things, and a setting decides
     * @throws BadInput  if it is none that is known
     */
    public static SourceFile recognise(Path file, ReadingSettings settings) throws IOException {
        return recognise(file, settings, ConversationFormats.KNOWN);
    }

    /** As {@link #recognise(Path, ReadingSettings)}, with formats of the caller's. */
    public static SourceFile recognise(Path file, ReadingSettings settings, ConversationFormats formats)
            throws IOException {
        Sample sample = sample(file, settings);
        if (settings.format().isPresent()) {
            String name = settings.format().get();
            if (name.equalsIgnoreCase(OURS)) return new SourceFile(sample, RecordFile.sniff(file), Optional.empty());
            return foreign(sample, formats.named(name).orElseThrow(() -> BadInput.of("\"" + name + "\" is no format",
                    "the formats are " + OURS + ", "
                            + String.join(", ", formats.all().stream().map(ConversationFormat::name).toList()))));
        }
        Optional<RecordFile<?>> ours = OurForms.of(sample);
        if (ours.isPresent()) return new SourceFile(sample, ours.get(), Optional.empty());
        return foreign(sample, formats.recognise(sample));
    }

    private static Sample sample(Path file, ReadingSettings settings) throws IOException {
        try {
            return Sample.of(file, settings);
        } catch (ZipException | EOFException e) {
            throw damaged(file, e);
        }
    }

    static BadInput damaged(Path file, IOException e) {
        return BadInput.in(file, e.getMessage(), "copy or download the file again").causedBy(e);
    }

    private static SourceFile foreign(Sample sample, ConversationFormat format) {
        return new SourceFile(sample, format.holdsReplies() ? ResponseFile.FORMAT : DialogueFile.FORMAT,
                Optional.of(format));
    }

    public Path file() {
        return file;
    }

    /** Which of our formats the file's records come in, be it ours or not. */
    public RecordFile<?> form() {
        return form;
    }

    /** The format of others that the file has, if it is not ours. */
    public Optional<ConversationFormat> foreign() {
        return foreign;
    }

    /** What the file was taken for, in a few words. */
    public String takenFor() {
        return foreign.map(ConversationFormat::title).orElse("Retort's own " + form.contents());
    }

    /**
     * Opens the file as dialogues.
     *
     * @throws BadInput if it holds something else
     */
    public SourceReader<Dialogue> dialogues() throws IOException {
        return open(DialogueFile.FORMAT);
    }

    /**
     * Opens the file to be read record by record.
     *
     * @param as the file's {@link #form()}
     * @throws BadInput if it holds something else
     */
    public <T> SourceReader<T> open(RecordFile<T> as) throws IOException {
        if (as != form) {
            throw BadInput.in(file, "holds " + form.contents() + ", not " + as.contents(), "name another file");
        }
        Source source = new Source(file, settings, takenFor(), sample);
        if (foreign.isEmpty()) return ours(source, as.open(file, settings.textEncoding()));
        return others(source, conversations -> {
            Dialogue dialogue = conversations.next();
            return dialogue == null ? null : converted(dialogue, as);
        });
    }

    /**
     * Opens the file as dialogues whose texts are still bytes as far as they can be.
     *
     * @throws BadInput if it holds something else
     */
    public SourceReader<DialogueLine> lines() throws IOException {
        if (form != DialogueFile.FORMAT) {
            throw BadInput.in(file, "holds " + form.contents() + ", not dialogues", "name another file");
        }
        Source source = new Source(file, settings, takenFor(), sample);
        return foreign.isEmpty()
                ? ours(source, DialogueFile.FORMAT.openLines(file, settings.textEncoding()))
                : others(source, Conversations::nextLine);
    }

    /** What is read next of conversations; null at their end. */
    private interface Reading<T> {
        T next(Conversations conversations) throws IOException;
    }

    private <T> SourceReader<T> others(Source source, Reading<T> reading) throws IOException {
        Conversations conversations = foreign.orElseThrow().open(source);
        return new SourceReader<>(source, new SourceReader.Records<>() {
            @Override
            public T next() throws IOException {
                return reading.next(conversations);
            }

            @Override
            public void close() throws IOException {
                conversations.close();
            }
        }, settings, false);
    }

    /** A dialogue itself, or the one turn of it where the format holds replies. */
    @SuppressWarnings("unchecked") // T is Dialogue or Response, as the form says
    private static <T> T converted(Dialogue dialogue, RecordFile<T> as) {
        return as == (RecordFile<?>) DialogueFile.FORMAT
                ? (T) dialogue
                : (T) new Response(dialogue.turns().getLast().text());
    }

    private <T> SourceReader<T> ours(Source source, RecordReader<T> reader) {
        source.tellEncoding(reader::encodingNote);
        return new SourceReader<>(source, new SourceReader.Records<>() {
            @Override
            public T next() {
                try {
                    return reader.hasNext() ? reader.next() : null;
                } catch (BadInput e) {
                    // Lines stand for themselves: the next one can be read, unless reading itself has failed.
                    throw e.getCause() instanceof IOException failed && isDamage(failed) ? e : BadRecord.of(e);
                }
            }

            @Override
            public void close() {
                reader.close();
            }
        }, settings, true);
    }

    private static boolean isDamage(IOException e) {
        return e instanceof ZipException || e instanceof EOFException;
    }
}
