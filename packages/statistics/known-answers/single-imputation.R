# node known-answers/write-generated-rows.ts > rows.csv ; Rscript known-answers/single-imputation.R rows.csv SHA256 > known-answers/single-imputation.json
# The missing-indicator method by hand: platelets and hormone of some rows are taken away, the mean and the most frequent level put in.
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
i <- seq_len(nrow(d)) - 1
lost <- list(platelets = i %% 7 == 2, hormone = i %% 5 == 3)
for (name in names(lost)) {
  seen <- d[[name]][!lost[[name]]]
  fill <- if (name == "platelets") mean(seen) else as.numeric(names(which.max(table(seen))))
  d[[name]][lost[[name]]] <- fill
  d[[paste0(name, "_missing")]] <- as.numeric(lost[[name]])
}
fit <- glm(y ~ age + platelets + platelets_missing + nodes + hormone + hormone_missing, binomial, d, control = glm.control(epsilon = 1e-16, maxit = 100))
x <- model.matrix(fit)
scale <- c(1, apply(x[, -1], 2, sd))
xs <- sweep(x, 2, scale, "/")
w <- fitted(fit) * (1 - fitted(fit))
covariance <- solve(crossprod(xs, w * xs)) / outer(scale, scale)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s: mean, table, glm",\n', R.version$major, R.version$minor))
cat(' "call": "node known-answers/write-generated-rows.ts > rows.csv; Rscript known-answers/single-imputation.R rows.csv SHA256",\n')
cat(' "citation": "Greenland & Finkle 1995, Am J Epidemiol 142:1255 (missing-indicator method)",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "coefficients 1e-8 max(|coefficient|, SE), standard errors 1e-8 relative",\n')
cat(' "filledWith":', number(c(d$platelets[3], d$hormone[4])), ',\n "coefficients":', number(coef(fit)), ',\n "standardErrors":', number(sqrt(diag(covariance))), "\n}\n")
