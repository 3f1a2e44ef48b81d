# node known-answers/write-generated-rows.ts > rows.csv ; Rscript known-answers/generated-classifier.R rows.csv > known-answers/generated-classifier.json
# Oracle: base R. Each figure is written out from its definition, by loops over thresholds, on the fitted risks of a glm.
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- glm.control(epsilon = 1e-16, maxit = 100)
fit <- glm(y ~ age + rare + platelets + nodes + hormone, binomial, d, control = tight)
p <- fitted(fit); y <- d$y; n <- nrow(d)
score <- round(predict(fit), 10)
steps <- sort(unique(score), decreasing = TRUE)
recall <- sapply(steps, function(s) sum(y[score >= s]) / sum(y))
precision <- sapply(steps, function(s) mean(y[score >= s]))
ap <- sum(diff(c(0, recall)) * precision)
at <- function(t) {
  called <- p >= t
  c(sum(called & y == 1) / sum(y), sum(!called & y == 0) / sum(y == 0), mean(y[called]), mean(1 - y[!called]), mean(called),
    sum(called & y == 1) / n - sum(called & y == 0) / n * t / (1 - t), mean(y) - mean(1 - y) * t / (1 - t))
}
# One-step deletion of the rows of one third: b - (I - I_s)^-1 g_s at the fit of all.
x <- model.matrix(fit); b <- coef(fit); s <- seq_len(n) %% 3 == 1
w <- p * (1 - p)
info <- function(rows) crossprod(x[rows, ], w[rows] * x[rows, ])
scaled <- c(1, apply(x[, -1], 2, sd))
others <- (info(rep(TRUE, n)) - info(s)) / outer(scaled, scaled)
step <- solve(others, crossprod(x[s, ], (y - p)[s]) / scaled) / scaled
eta <- as.vector(x[s, ] %*% (b - step))
a <- eta[y[s] == 1]; z <- eta[y[s] == 0]
auc <- mean(outer(a, z, function(u, v) (u > v) + 0.5 * (u == v)))
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s (stats): definitions written out on the fitted risks of glm(binomial, epsilon = 1e-16)",\n', R.version$major, R.version$minor))
cat(' "call": "node known-answers/write-generated-rows.ts > rows.csv; Rscript known-answers/generated-classifier.R rows.csv",\n')
cat(' "citation": "Davis & Goadrich 2006; Brier 1950; Vickers & Elkin 2006; Pregibon 1981",\n')
cat(' "tolerance": "1e-12 for counts and shares, 1e-9 for what is of the fitted risks themselves and of the step",\n')
cat(sprintf(' "averagePrecision": %.17g,\n', ap))
cat(sprintf(' "brier": %.17g,\n "scaledBrier": %.17g,\n', mean((p - y)^2), 1 - mean((p - y)^2) / (mean(y) * (1 - mean(y)))))
cat(' "thresholds": [0.2, 0.35, 0.5],\n "at": [', paste(sapply(c(0.2, 0.35, 0.5), function(t) number(at(t))), collapse = ", "), '],\n', sep = "")
cat(sprintf(' "withoutThird": { "coefficients": %s, "auc": %.17g }\n}\n', number(b - step), auc))
