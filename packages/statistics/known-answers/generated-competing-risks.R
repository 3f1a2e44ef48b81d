# node known-answers/write-competing-risks-rows.ts > rows.csv ; Rscript known-answers/generated-competing-risks.R rows.csv SHA256 > known-answers/generated-competing-risks.json
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ","), "]")
d$state <- factor(d$cause, 0:2, c("none", "one", "two"))
at <- c(30, 90, 180, 365, 540, 700)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s: survfit(Surv(time, factor)), Aalen-Johansen, infinitesimal jackknife",\n', R.version$major, R.version$minor, packageVersion("survival")))
cat(' "call": "node known-answers/write-competing-risks-rows.ts > rows.csv; Rscript known-answers/generated-competing-risks.R rows.csv SHA256",\n')
cat(' "formula": "survfit(Surv(time, factor(cause)) ~ 1, conf.type), of each stage; times as they are, and ceiling(time / 30) * 30",\n')
cat(' "citation": "Aalen & Johansen 1978, Scand J Stat 5:141; Gaynor et al. 1993, J Am Stat Assoc 88:400",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "1e-10 relative",\n "at":', number(at))
for (grid in c("days", "thirtyDays")) {
  cat(sprintf(',\n "%s": {', grid))
  for (stage in 0:2) {
    s <- d[d$stage == stage, ]
    s$t <- if (grid == "days") s$time else ceiling(s$time / 30) * 30
    cat(if (stage > 0) ",\n" else "\n", sprintf(' "%d": {', stage))
    for (type in c("log", "log-log", "plain")) {
      f <- summary(survfit(Surv(t, state) ~ 1, s, conf.type = type), times = at, extend = TRUE)
      if (type == "log") {
        cat('\n   "atRisk":', number(f$n.risk[, 1]))
        for (k in 2:3) cat(sprintf(',\n   "incidence%d": ', k - 1), number(f$pstate[, k]), sprintf(',\n   "standardError%d": ', k - 1), number(f$std.err[, k]), sep = "")
      }
      for (k in 2:3) cat(sprintf(',\n   "lower%d %s": ', k - 1, type), number(f$lower[, k]), sprintf(',\n   "upper%d %s": ', k - 1, type), number(f$upper[, k]), sep = "")
    }
    cat("\n  }")
  }
  cat("\n }")
}
cat("\n}\n")
