# node known-answers/write-cox-rows.ts > rows.csv ; Rscript known-answers/generated-predictions.R rows.csv SHA256 > known-answers/generated-predictions.json
# Written from the formulas of Uno et al. 2007 and Graf et al. 1999 on survival::survfit.
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
# A score that both compute to the same bit, and a risk made of it.
d$score <- d$nodes + d$age / 64 - d$hormone
d$risk <- 1 - exp(-exp(d$score / 4 - 1))
step <- function(f, t, left = FALSE) sapply(t, function(u) { k <- if (left) sum(f$time < u) else sum(f$time <= u); if (k == 0) 1 else f$surv[k] })
at <- c(200, 400, 700, 1100)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s, survival %s: survfit; estimators written out",\n', R.version$major, R.version$minor, packageVersion("survival")))
cat(' "call": "node known-answers/write-cox-rows.ts > rows.csv; Rscript known-answers/generated-predictions.R rows.csv SHA256",\n')
cat(' "formula": "risk = 1 - exp(-exp((nodes + age / 64 - hormone) / 4 - 1)); G = survfit(Surv(days, event == 0)), left limits at events",\n')
cat(' "citation": "Uno et al. 2007, J Am Stat Assoc 102:527; Graf et al. 1999, Stat Med 18:2529",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "1e-10 relative",\n "at":', number(at), ",\n")
G <- survfit(Surv(days, event == 0) ~ 1, d, timefix = FALSE)
S <- survfit(Surv(days, event) ~ 1, d, timefix = FALSE)
out <- sapply(at, function(t) {
  case <- which(d$days <= t & d$event == 1); control <- which(d$days > t)
  w <- 1 / step(G, d$days[case], left = TRUE)
  psi <- outer(d$risk[case], d$risk[control], function(a, b) (a > b) + (a == b) / 2)
  auc <- sum(w * psi) / (sum(w) * length(control))
  vCase <- rowMeans(psi); vControl <- colSums(w * psi) / sum(w)
  se <- sqrt(sum((w * (vCase - auc))^2) / sum(w)^2 + sum((vControl - auc)^2) / length(control)^2)
  brier <- function(p) (sum(w * (1 - p[case])^2) + sum(p[control]^2) / step(G, t)) / nrow(d)
  c(auc, se, brier(d$risk), brier(rep(1 - step(S, t), nrow(d))), length(case), length(control))
})
for (k in 1:6) cat(sprintf(' "%s":', c("auc", "aucSe", "brier", "brierReference", "cases", "controls")[k]), number(out[k, ]), ",\n")
o <- order(d$risk, seq_len(nrow(d)))
g <- split(o, rep(1:5, each = 100))
t <- 700
cat(' "calibration": { "time": 700, "meanPredicted":', number(sapply(g, function(i) mean(d$risk[i]))), ', "observed":',
    number(sapply(g, function(i) 1 - step(survfit(Surv(days, event) ~ 1, d[i, ], timefix = FALSE), t))), "}\n}\n")
