#include "models/ssd/nand_profile.hpp"

namespace orrery {

const Declarations& NandSsdProfile::declarations() {
  using P = NandSsdProfile;
  static const Declarations all =
      Declare<P>("NAND flash drive: controller, dies, channels, link, write buffer")
          .field("capacity", &P::capacity, "what the host can address", between(4096, 0x1p50))
          .field("max_transfer", &P::max_transfer,
                 "largest command; a larger request is split into several", between(4096, 1 << 26))
          .field(
              "command_slots", &P::command_slots,
              "commands the controller works on at once; slots / command time is its limit in IOPS",
              between(1, 1024))
          .field("random_read_command", &P::random_read_command,
                 "controller's time for a read that continues no stream", any_latency())
          .field("sequential_read_command", &P::sequential_read_command,
                 "controller's time for a read served from read-ahead", any_latency())
          .field("random_write_command", &P::random_write_command,
                 "controller's time for a write that continues no stream, mapping update included",
                 any_latency())
          .field("sequential_write_command", &P::sequential_write_command,
                 "controller's time for a write that continues a stream", any_latency())
          .field("command_per_block", &P::command_per_block,
                 "controller's further time per 4 KiB block after the first", any_latency())
          .field("dies", &P::dies, "flash dies, each reading one page at a time", between(1, 65536))
          .field("channels", &P::channels, "channels between dies and controller", between(1, 1024))
          .field("read_time", &P::read_time, "tR: from a page's cells to the die's register",
                 any_latency())
          .field("channel_rate", &P::channel_rate, "rate of one channel", any_rate())
          .field("stripe_unit", &P::stripe_unit, "contiguous addresses on one die",
                 between(4096, 1 << 26))
          .field("link_read", &P::link_read, "goodput of the host link from the drive", any_rate())
          .field("link_write", &P::link_write, "goodput of the host link to the drive", any_rate())
          .field("write_buffer", &P::write_buffer,
                 "data that power-loss protection covers: acknowledged and not yet programmed",
                 between(4096, 0x1p34))
          .field("sequential_drain", &P::sequential_drain,
                 "rate of programming sequential data from the buffer", any_rate())
          .field("random_drain", &P::random_drain,
                 "rate of programming random data from the buffer in steady state, garbage "
                 "collection deducted",
                 any_rate())
          .field("indirection_unit", &P::indirection_unit,
                 "what the drive maps as one: random writes of a part of it are read, modified and "
                 "programmed as a whole; 4 KiB: never",
                 between(4096, 1 << 24))
          .field("buffered_read", &P::buffered_read,
                 "a read of data still in the write buffer: serve it from there, or wait until it "
                 "is programmed and read the flash")
          .one_of({kServeBufferedReads, kBufferedReadsWait})
          .field("streams", &P::streams, "streams told apart, of reads and of writes each",
                 between(1, 4096))
          .field("stream_trigger", &P::stream_trigger,
                 "requests in a row by which a stream is recognised", between(1, 1024))
          .field("stream_window", &P::stream_window,
                 "distance from a recognised stream's end at which a request still belongs to it",
                 between(0, 0x1p40))
          .field("read_ahead", &P::read_ahead,
                 "how far the flash is read ahead of a stream at most", between(0, 1 << 28))
          .build();
  return all;
}

}  // namespace orrery
