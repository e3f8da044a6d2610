package io.retort.search;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.gpu.Gpu;
import io.retort.gpu.GpuInfo;
import io.retort.gpu.ScreenFormat;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract on a card, where there is one. */
@ParameterizedClass(name = "{0}")
@EnumSource(ScreenFormat.class)
class GpuSearchTest extends RowSearchContract {
    private static Gpu gpu;

    private final ScreenFormat format;

    GpuSearchTest(ScreenFormat format) {
        super(Kernels.best(), 2);
        this.format = format;
    }

    @BeforeAll
    static void openCard() {
        Optional<GpuInfo> card = Gpu.describe(0);
        if (card.isPresent() && card.get().hasComputeCapability(8, 0)) gpu = Gpu.open(0);
    }

    @BeforeEach
    void aCardIsThere() {
        assumeTrue(gpu != null, () -> Gpu.obstacle().orElse("the card is too old"));
    }

    @AfterAll
    static void closeCard() {
        if (gpu != null) gpu.close();
        gpu = null;
    }

    @Override
    ResponseSearch searching(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        return new GpuSearch(rows, metric, format, gpu, kernels, pool);
    }
}
