// TaskKit
