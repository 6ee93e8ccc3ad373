import Schema
import TaskKit

/// `--entity labels`, `--entities artists,labels`.
extension Entity: OptionValue {}
