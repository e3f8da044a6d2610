package io.retort.ingest;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** The rows of a table, in order. One thread; close after use. */
interface Rows extends Closeable {
    /** The names of the columns. */
    List<String> names();

    /**
     * Reads the next row; null at the end.
     *
     * @throws BadRecord if a row is broken; the next call goes on with the row after it
     */
    Row next() throws IOException;

    /** A row: its line, from 1, and what it holds by column; null for nothing. */
    interface Row {
        long line();

        String get(String column);
    }

    /** Opens a table at its first row, any number of times. */
    interface Table {
        Rows open() throws IOException;
    }
}
