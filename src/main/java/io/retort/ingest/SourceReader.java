package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import io.retort.files.BadInput;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.ZipException;

/**
 * The records of a {@link SourceFile}, one at a time and in bounded memory, with broken ones left out as far as that is
 * allowed, and a count of everything. One thread; close after use.
 *
 * <p>{@code next()} and {@code hasNext()} throw {@link BadInput} for whatever is wrong with the file, and {@link
 * UncheckedIOException} when the disk fails.
 *
 * @param <T> what a record is
 */
public final class SourceReader<T> implements Iterator<T>, AutoCloseable {
    private final Source source;
    private final Records<T> records;
    private final ReplySpeakers speakers;
    private final long mostBad;
    private final boolean isOurs;
    private T next;
    private boolean atEnd;
    private long read;
    private long turns;
    private long skipped;
    private String firstBad = "";

    /** Where records come from; null at the end. */
    interface Records<T> extends Closeable {
        T next() throws IOException;
    }

    SourceReader(Source source, Records<T> records, ReadingSettings settings, boolean isOurs) {
        this.source = source;
        this.records = records;
        this.speakers = new ReplySpeakers(settings.speaker());
        this.mostBad = settings.skipBad().orElse(0L);
        this.isOurs = isOurs;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !atEnd) next = read();
        if (next == null && !atEnd) {
            atEnd = true;
            speakers.requireSome(source.file());
        }
        return next != null;
    }

    @Override
    public T next() {
        if (!hasNext()) throw new NoSuchElementException(source.file() + " has no more records");
        T record = next;
        next = null;
        read++;
        if (record instanceof Dialogue dialogue) see(DialogueLine.of(dialogue));
        else if (record instanceof DialogueLine dialogue) see(dialogue);
        return record;
    }

    private void see(DialogueLine dialogue) {
        turns += dialogue.turns();
        speakers.see(dialogue);
    }

    private T read() {
        while (true) {
            try {
                return records.next();
            } catch (BadRecord e) {
                if (mostBad == 0) throw e;
                if (skipped++ == 0) firstBad = e.getMessage();
                if (skipped > mostBad) throw tooMany(e);
            } catch (ZipException | EOFException e) {
                throw SourceFile.damaged(source.file(), e);
            } catch (CharacterCodingException e) {
                throw BadInput.in(source.file(), "is not text in the encoding that was taken",
                        "set \"encoding\" to that of the file, such as windows-1252").causedBy(e);
            } catch (IOException e) {
                throw new UncheckedIOException(source.file() + ": cannot be read", e);
            }
        }
    }

    private static BadInput tooMany(BadRecord e) {
        int remedy = e.getMessage().lastIndexOf("; ");
        String problem = remedy < 0 ? e.getMessage() : e.getMessage().substring(0, remedy);
        return BadInput.of(problem + ", and it is one more broken record than may be left out",
                "mend the file, or set \"skip-bad\" to more").causedBy(e);
    }

    /** Number of records that have been read so far. */
    public long records() {
        return read;
    }

    /** Which turns of the file's dialogues are replies. */
    public ReplySpeakers speakers() {
        return speakers;
    }

    /** What has been read so far; complete after the last record. */
    public ReadingReport report() {
        List<String> chosen = speakers.chosenByThemselves();
        return new ReadingReport(source.file(), source.takenFor(), isOurs && !source.isConverted(), read, turns,
                skipped, firstBad,
                source.leftOut(), source.notes(), chosen);
    }

    @Override
    public void close() {
        try {
            records.close();
        } catch (IOException e) {
            throw new UncheckedIOException(source.file() + ": cannot be closed", e);
        }
    }
}
