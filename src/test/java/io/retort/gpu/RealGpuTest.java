package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.files.BadInput;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The driver layer on a card, where there is one. */
class RealGpuTest {
    private static final GpuCode ADD = new GpuCode("add.ptx", """
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry add(.param .u64 values, .param .u32 count, .param .f32 what) {
                .reg .pred %p;
                .reg .b32 %r<5>;
                .reg .f32 %f<3>;
                .reg .b64 %a<3>;
                ld.param.u64 %a0, [values];
                ld.param.u32 %r0, [count];
                ld.param.f32 %f0, [what];
                mov.u32 %r1, %ctaid.x;
                mov.u32 %r2, %ntid.x;
                mov.u32 %r3, %tid.x;
                mad.lo.u32 %r4, %r1, %r2, %r3;
                setp.ge.u32 %p, %r4, %r0;
                @%p ret;
                cvta.to.global.u64 %a0, %a0;
                mad.wide.u32 %a1, %r4, 4, %a0;
                ld.global.f32 %f1, [%a1];
                add.f32 %f1, %f1, %f0;
                st.global.f32 [%a1], %f1;
                ret;
            }
            """);

    @Test
    void withoutACardOpeningSaysWhy() {
        assumeTrue(Gpu.obstacle().isPresent(), "there is a card here");
        BadInput refused = assertThrows(BadInput.class, () -> Gpu.open(0).close());
        assertTrue(refused.getMessage().startsWith("no GPU: " + Gpu.obstacle().orElseThrow()), refused.getMessage());
    }

    @Test
    void aKernelRunsOnTheCard() {
        assumeTrue(Gpu.obstacle().isEmpty(), () -> "no card: " + Gpu.obstacle().orElseThrow());
        int count = 1_000_003;
        try (Gpu gpu = Gpu.open(0);
                Arena arena = Arena.ofConfined();
                GpuStream stream = gpu.stream();
                DeviceMemory memory = gpu.allocate(4L * count);
                PinnedMemory pinned = gpu.pin(4L * count);
                GpuEvent before = gpu.event(true);
                GpuEvent after = gpu.event(true)) {
            assumeTrue(gpu.info().hasComputeCapability(8, 0), () -> "an older card: " + gpu.info());
            for (int i = 0; i < count; i++) pinned.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
            GpuFunction add = gpu.module(ADD).function("add");
            assertTrue(add.registers() > 0 && add.maxThreads() >= 256 && add.blocksPerMultiprocessor(256, 0) > 0);
            stream.copyToDevice(memory, 0, pinned.segment());
            stream.record(before);
            try (KernelArguments arguments = KernelArguments.of().address(memory).int32(count).float32(0.5f).build();
                    KernelArguments few = KernelArguments.of().address(memory).build()) {
                stream.launch(add, Grid.of((count + 255) / 256, 256), arguments);
                stream.launch(add, Grid.of((count + 255) / 256, 256), arguments.float32(2, 0.25f));
                if (gpu.driver().tellsParameters()) {
                    assertThrows(IllegalArgumentException.class, () -> stream.launch(add, Grid.of(1, 1), few));
                }
            }
            stream.record(after);
            MemorySegment back = arena.allocate(4L * count);
            stream.copyToHost(back, memory, 0);
            stream.synchronize();
            for (int i = 0; i < count; i++) assertEquals(i + 0.75f, back.getAtIndex(ValueLayout.JAVA_FLOAT, i));
            assertTrue(after.millisSince(before) > 0);
            assertTrue(gpu.copyBandwidth(64L << 20, Duration.ofMillis(50)) > 1e10);
            GpuException wrong = assertThrows(GpuException.class, () -> gpu.module(new GpuCode("wrong.ptx",
                    ADD.ptx().replace("add.f32", "addd.f32"))));
            assertTrue(wrong.getMessage().contains("addd"), wrong.getMessage());
            IllegalArgumentException none = assertThrows(IllegalArgumentException.class,
                    () -> gpu.module(ADD).function("sub"));
            assertTrue(none.getMessage().contains("sub"), none.getMessage());
        }
    }
}
