import Download
import Lake
import TaskKit

struct DownloadCommand: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.download,
    summary: "Downloads a month's dumps and verifies them.",
    discussion: """
      Asks for CHECKSUM.txt first, then once for each dump that is missing or not the published one, one \
      after the other. A dump gets its name only when its SHA-256 is right; until then an older file of that \
      name stays. With --raw-root no lake is needed. A download that was stopped goes on where it was if the server can do that.

      Ends with 75 if the month is not published yet, or the site asks for a longer pause than --max-wait.
      """)

  @OptionGroup var options: DownloadOptions

  func run(_ context: TaskContext) throws { try DownloadTask(options, context).perform() }
}

DownloadCommand.main()
