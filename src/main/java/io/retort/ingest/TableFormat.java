package io.retort.ingest;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables as text (RFC 4180) with a header that names the columns, and a turn or an exchange in each row.
 *
 * @param title      for people
 * @param separators characters that may stand between fields; the header tells which does
 */
record TableFormat(String name, String title, String separators) implements ConversationFormat {
    private static final int LONGEST_NAME = 60;

    @Override
    public Recognition recognise(Sample sample) {
        if (sample.lines().isEmpty()) return Recognition.NONE;
        String header = sample.lines().getFirst();
        for (char separator : separators.toCharArray()) {
            List<String> names = names(header, separator);
            boolean isHeader = names.size() > 1 && names.stream().distinct().count() == names.size()
                    && names.stream().noneMatch(name -> name.isBlank() || name.length() > LONGEST_NAME);
            if (isHeader && new ColumnNames(names).areKnown(sample.settings())) {
                return Recognition.likely("has a header " + String.join(", ", names));
            }
        }
        boolean isNamedSo = sample.file().toString().matches("(?i).*\\." + name + "(\\.gz|\\.zst)?")
                && separators.chars().anyMatch(separator -> names(header, (char) separator).size() > 1);
        return isNamedSo ? Recognition.likely("has several columns, and a name that says so") : Recognition.NONE;
    }

    private static List<String> names(String header, char separator) {
        try (CsvReader<CsvRecord> reader = lenient(separator).ofCsvRecord(header)) {
            return reader.stream().findFirst().map(record -> record.getFields().stream().map(String::strip).toList())
                    .orElse(List.of());
        } catch (CsvParseException | IOException e) {
            return List.of();
        }
    }

    private static CsvReader.CsvReaderBuilder lenient(char separator) {
        return CsvReader.builder().fieldSeparator(separator).allowExtraFields(true).allowMissingFields(true)
                .allowExtraCharsAfterClosingQuote(true).skipEmptyLines(true)
                .maxBufferSize(JsonLines.MAX_LINE_BYTES);
    }

    /** The separator that makes most columns of the header. */
    private char separator(Sample sample) {
        String header = sample.lines().isEmpty() ? "" : sample.lines().getFirst();
        char best = separators.charAt(0);
        for (char separator : separators.toCharArray()) {
            if (names(header, separator).size() > names(header, best).size()) best = separator;
        }
        return best;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        char separator = separator(source.sample());
        return new RowConversations(source, () -> new TextRows(source, separator));
    }

    /** Keeps the last character but line breaks, by which a quote that is still open at the end is known. */
    private static final class LastCharacter extends FilterReader {
        private char last;
        private boolean atEnd;

        LastCharacter(Reader text) {
            super(text);
        }

        @Override
        public int read(char[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            atEnd = count < 0;
            for (int i = offset + count - 1; i >= offset; i--) {
                if (into[i] == '\n' || into[i] == '\r') continue;
                last = into[i];
                break;
            }
            return count;
        }
    }

    /** The rows of such a file. */
    static final class TextRows implements Rows {
        private final Source source;
        private final CsvReader<CsvRecord> reader;
        private final CloseableIterator<CsvRecord> records;
        private final LastCharacter text;
        private final List<String> names;
        private long line = 1;

        TextRows(Source source, char separator) throws IOException {
            this.source = source;
            this.text = new LastCharacter(source.text());
            this.reader = lenient(separator).ofCsvRecord(text);
            this.records = reader.iterator();
            CsvRecord header = read();
            if (header == null) throw BadInput.in(source.file(), "is empty", "give a table with a header");
            this.names = header.getFields().stream().map(String::strip).toList();
        }

        private CsvRecord read() throws IOException {
            try {
                return records.hasNext() ? records.next() : null;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (CsvParseException e) {
                throw BadInput
                        .atLine(source.file(), line, "the row after this one cannot be read: a quote may be open ("
                                + e.getMessage() + ")", "mend it; the file was taken for " + source.takenFor())
                        .causedBy(e);
            }
        }

        @Override
        public List<String> names() {
            return names;
        }

        @Override
        public Row next() throws IOException {
            CsvRecord record = read();
            if (record == null) return null;
            line = record.getStartingLineNumber();
            if (record.getFieldCount() != names.size()) {
                throw source.bad(line, "has " + record.getFieldCount() + " fields, and the header " + names.size(),
                        "quote fields that hold separators or quotes, and close every quote");
            }
            List<String> fields = new ArrayList<>(record.getFields());
            long at = line;
            if (fields.getLast().indexOf('\n') >= 0 && text.atEnd && text.last != '"' && !records.hasNext()) {
                throw BadInput.atLine(source.file(), line, "a quote is open from here to the end of the file",
                        "close it, or copy the file again; it was taken for " + source.takenFor());
            }
            return new Row() {
                @Override
                public long line() {
                    return at;
                }

                @Override
                public String get(String column) {
                    return fields.get(names.indexOf(column));
                }
            };
        }

        @Override
        public void close() throws IOException {
            records.close();
            reader.close();
        }
    }
}
