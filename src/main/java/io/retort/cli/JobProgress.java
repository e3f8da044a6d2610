package io.retort.cli;

import java.util.Locale;

/** Progress of a teacher's job: items with time left, and tokens a second. One thread. */
final class JobProgress implements AutoCloseable {
    private final ProgressLine line;
    private final long total;
    private final long started = System.nanoTime();
    private long done;
    private long tokens;

    JobProgress(JobOptions.Job job, long done) {
        this.line = new ProgressLine(job.name(), job.items());
        this.total = job.total();
        this.done = done;
        line.update(done, total);
    }

    void item() {
        done++;
        line.update(done, total);
    }

    void tokens(long more) {
        tokens += more;
        line.note(String.format(Locale.ROOT, "%,.0f tokens/s", tokens / ((System.nanoTime() - started) / 1e9)));
    }

    @Override
    public void close() {
        line.close();
    }
}
