export { convertUnits, findUcumCode, isUcumCode, type NoConversion, type Substance, type UnitConversion } from "./ucum.ts";
